# Every sentence people see. Plain words, said as one person would say them to another.

language-name = English
privacy-policy = Privacy policy
languages = Language
app-named = the { $client } app
app-unnamed = the app where you began

time-left = Time left:
time-minutes = { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
time-last = less than a minute
time-after = After that, start again in { $app }.
time-up = Time is up. Please start again in { $app }.

day = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
ago-now = just now
ago-minutes = { $count ->
    [one] a minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] an hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] a day ago
   *[other] { $count } days ago
}
ago-months = { $count ->
    [one] a month ago
   *[other] { $count } months ago
}

login-title = Log in
login-heading = Log in to { $service }
login-to-link = { $client } would like to link to your { $service } account.
login-to-see-links = Log in to see your linked apps and to unlink them.
login-email = E-mail
login-password = Password
login-submit = Log in
login-mismatch = That e-mail or password isn’t right. Please check both and try again.
login-too-many = That was too many tries. Please wait { $seconds ->
    [one] a second
   *[other] { $seconds } seconds
}, then try again.
login-busy = Many people are logging in right now. Please try again in { $seconds ->
    [one] a second
   *[other] { $seconds } seconds
}.
login-other-account = Log in with the account you want to link.

consent-title = Link your account
consent-heading = Link your { $service } account to { $client }?
consent-what = Once linked, you can use your { $service } account from { $client }.
consent-account = The account to link
consent-not-you = Not you?
consent-sees = What { $client } can see
consent-password = Your password is not shared
consent-approve = Link
consent-deny = Don’t link
consent-unlink = You can unlink at any time under { $place }.
consent-own-start = If you didn’t start this yourself in { $app }, don’t link.
consent-returns = Either way you go back to { $host }.

connect-title = Connect your chat
connect-heading = Connect this chat to your { $service } account?
connect-what = { $client } then knows in this chat that it is you, until you unlink it.
connect-chat = The chat to connect
connect-bot = Chatbot
connect-platform = Messenger
connect-user = User there
connect-own-chat = Connect only if you came here from your own chat with { $client } just now. If somebody sent you this address, don’t: their chat would see your { $service } account.
connect-approve = Connect
connect-deny = Don’t connect
connected-title = Connected
connected-what = Go back to the chat: { $client } knows your { $service } account now.
not-connected-title = Not connected
not-connected-what = Nothing was connected. You can close this page and go back to the chat with { $client }.
chat-named = the chat with { $client }

scope-id = A number that stands for you
scope-id-note = It holds no name and no contact details
scope-email = Your e-mail address
scope-profile = Your name and language
scope-attributes = Your details at { $service }
scope-attributes-note = What { $service } records, such as points

account-title = Linked apps
account-heading = Linked apps
account-what = These apps may speak for your { $service } account.
account-empty-heading = Nothing is linked yet
account-empty = Find { $service } in your assistant’s app and link your account there. It will then show up here.
account-yours = Your account
account-logout = Log out
link-since = since { $day }
link-used = used { $ago }
link-never-used = not used yet
link-working = working
link-quiet = quiet
link-waiting = linking
link-paused = paused
link-quiet-hint = If you already removed it in { $app }, unlink it here too.
link-waiting-hint = Waiting for the last step in { $app }.
link-paused-hint = { $service } has paused this for now. Your link is kept.
link-chat = From the chat
link-sees = Sees:
unlink-open = Unlink
unlink-close = Keep it linked
unlink-what = { $client } loses your { $service } account at once. To use it again, link again in { $app }.
unlink-confirm = Yes, unlink
unlink-done = { $client } is unlinked.

tab-apps = Linked apps
tab-security = Sign-in
tab-you = You

security-title = Where you are logged in
security-heading = Where you are logged in
security-what = These browsers are logged in to your { $service } account. If you don’t know one of them, log it out.
session-since = logged in { $day }
session-here = this one
session-unknown = Unknown device
session-end = Log out
session-end-named = Log out { $device }
session-end-others = Log out everywhere else
session-end-what = Your linked apps keep working.
session-ended = Logged out.

details-title = You
details-heading = About you
details-what = Apps that you allowed to see them get your name and language from here.
details-name = Name
details-name-refused = A name has 1 to 200 characters.
details-save = Save
details-saved = Saved.

export-heading = Your data
export-what = Everything that is kept about you for account linking, in one file.
export-do = Download

deletion-title = Delete your account
deletion-heading = Delete your account
deletion-short = It goes after 7 days; until then you can change your mind.
deletion-open = Delete my account…
deletion-ask = Delete your { $service } account?
deletion-links = { $apps } will be unlinked.
deletion-data = You can’t log in to { $service } any more, and what is known of you is deleted.
deletion-grace = Nothing changes before { $day }. Log in until then to keep your account after all.
deletion-password = Your password, to be sure that it is you
deletion-do = Delete my account
deletion-keep = Keep my account
deletion-coming = This account will be deleted on { $day }, with everything linked to it.
password-mistaken = That password isn’t right. Please try again.

logged-out-title = You are logged out
logged-out-what = This browser is no longer logged in to { $service }. Your linked apps keep working.
login-again = Log in again


home-title = Account linking
home-heading = Account linking for { $service }
home-what = This is where voice assistants and { $service } accounts are linked. Linking starts in your assistant’s app.
home-account = See your linked apps
home-admin = Admin

privacy-title = Privacy policy
privacy-empty = No privacy policy has been published yet. Please ask { $service }.

support-code = Support code
support-code-do = If you ask { $service } for help, mention this code.
copy = Copy
copied = Copied
error-developer = For the developer of this integration
error-home = Go to the start page
error-not-found-title = There is no such page
error-not-found-what = The address may have changed, or has a typing mistake in it.
error-not-found-do = Please check the address.
error-method-title = This page can’t be opened that way
error-method-what = This address only answers to a button on another page.
error-method-do = Please go back and press the button again.
error-too-large-title = That was too much at once
error-too-large-what = What was sent is larger than we accept, so nothing was done with it.
error-too-large-do = Please go back, make it shorter and send it again.
error-large-headers-title = Your browser sent too much
error-large-headers-what = The cookies of this site may have grown too large, so nothing was done.
error-large-headers-do = Please delete the cookies of this site, or use another browser, and start again.
error-late-title = That took too long to arrive
error-late-what = The connection may be slow or broken. Nothing was changed.
error-late-do = Please go back and send it again.
error-stale-form-title = This page is out of date
error-stale-form-what = Your login changed after it was opened, or the request came from somewhere else. Nothing was changed.
error-stale-form-do = Please go back, reload the page and try again.
error-expired-title = The time to link has passed
error-expired-what = To keep you safe, linking has to be finished within a few minutes. Nothing was linked.
error-expired-do = Please start again in { $app }.
error-other-browser-title = This was opened in another browser
error-other-browser-what = Linking began in a different browser, so it can’t go on here. You also see this when cookies are blocked.
error-other-browser-do = Go back to { $app } and go on there, or allow cookies and start again.
error-bad-request-title = Something is wrong with this request
error-bad-request-what = What { $app } sent us can’t be used. It isn’t your fault.
error-bad-request-do = Try again in a while. If it stays like this, please tell { $service }.
error-unknown-client-title = We don’t know this app
error-unknown-client-what = The app that asked to be linked isn’t registered with { $service }. Nothing about you was shared.
error-unknown-client-do = Please close this window. If you do know the app, tell { $service }.
error-disabled-client-title = Linking is paused
error-disabled-client-what = { $service } has paused linking with { $app } for now.
error-disabled-client-do = Please try again later. Accounts that are already linked are kept.
error-busy-title = We’re busy right now
error-busy-what = A short wait is enough. Nothing was changed.
error-busy-do = Please try again in { $seconds ->
    [one] a second
   *[other] { $seconds } seconds
}.
error-too-many-title = That was too many tries
error-too-many-what = Many requests came from the same place in a short time.
error-too-many-do = Please try again in { $seconds ->
    [one] a second
   *[other] { $seconds } seconds
}.
error-already-linked-title = You are already linked
error-already-linked-what = This is done, and there is nothing left to do here.
error-already-linked-do = Go back to { $app }.
error-other-account-title = Another account has answered
error-other-account-what = This request was already answered with another { $service } account.
error-other-account-do = To link this account instead, start again in { $app }.
error-chat-elsewhere-title = This chat is connected to another account
error-chat-elsewhere-what = Somebody connected it to another { $service } account before. Nothing was changed.
error-chat-elsewhere-do = If that account is yours too, log in to it, unlink { $app } there, and start again in the chat.
error-internal-title = Something went wrong
error-internal-what = We couldn’t do this just now. It isn’t your fault.
error-internal-do = Please try again in a while. If it stays like this, tell { $service } and mention the support code below.

# Spoken by CLOVA where the client has no words of its own.
cek-linked = Your account is linked.
cek-relink = Please link your account again in the CLOVA app.
cek-busy = I can’t answer right now. Please try again in a moment.
