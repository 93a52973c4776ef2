"""A person with a browser: follows redirects, fills in the pages' forms and keeps cookies."""

import urllib.parse
import urllib.request
from html.parser import HTMLParser

MOST_PAGES = 12


class _AnyStatus(urllib.request.HTTPErrorProcessor):
    def http_response(self, request, response):
        return response


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _AnyStatus)


def send(request):
    """Sends a request; redirects and refusals are answers like others."""
    return _opener.open(request, timeout=30)


class Person:
    """Somebody with an account."""

    def __init__(self, email, password):
        self._email = email
        self._password = password
        self._cookies = {}

    def approve(self, address, end):
        """Logs in and approves, from `address` on; gives the first address that begins with `end`."""
        form = None
        for _ in range(MOST_PAGES):
            if address.startswith(end):
                return address
            answer = self._open(address, form)
            form = None
            location = answer.headers["Location"]
            if location is None:
                page = answer.read().decode()
                action, form = self._fill_in(page, f"{answer.status} at {address}")
                location = action
            address = urllib.parse.urljoin(address, location)
        raise AssertionError(f"too many pages; the last was {address}")

    def _open(self, address, form):
        body = urllib.parse.urlencode(form).encode() if form else None
        pairs = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        answer = send(urllib.request.Request(address, body, {"Cookie": pairs}))
        # `Secure` is not asked about: in production a proxy ends the TLS, here there is none.
        for cookie in answer.headers.get_all("Set-Cookie", []):
            pair, *attributes = cookie.split("; ")
            name, value = pair.split("=", 1)
            if "Max-Age=0" in attributes:
                self._cookies.pop(name, None)
            else:
                self._cookies[name] = value
        return answer

    def _fill_in(self, page, where):
        forms = _Forms()
        forms.feed(page)
        for form in forms.found:
            if "password" in form.inputs:
                filled = {"email": self._email, "password": self._password}
            elif ("decision", "approve") in form.buttons:
                filled = {"decision": "approve"}
            else:
                continue
            return form.action, form.hidden | filled
        raise AssertionError(f"nothing to log in at or to approve: {where}\n{page}")


class _Form:
    def __init__(self, action):
        self.action = action
        self.hidden = {}
        self.inputs = set()
        self.buttons = set()


class _Forms(HTMLParser):
    """The forms of a page: what they post as they stand, and what a person may fill in or press."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.found.append(_Form(attributes["action"]))
        elif tag == "input" and self.found:
            form = self.found[-1]
            form.inputs.add(attributes["name"])
            if attributes.get("type") == "hidden":
                form.hidden[attributes["name"]] = attributes["value"]
        elif tag == "button" and self.found:
            self.found[-1].buttons.add((attributes.get("name"), attributes.get("value")))
