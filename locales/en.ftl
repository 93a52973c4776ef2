# Every sentence people see. Plain words, said as one person would say them to another.

language-name = English
privacy-policy = Privacy policy
terms = Terms of service
contact = Contact
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

login-other-ways = Other ways
login-forgot = Forgot your password?
login-sign-up = Sign up
back-to-login = Back to the login

sign-up-title = Sign up
sign-up-heading = Sign up at { $service }
sign-up-what = First your e-mail address: we’ll send you a code to type on the next page.
sign-up-invited = { $service } is by invitation. Use the address that was invited.
sign-up-closed-title = You can’t sign up by yourself here
sign-up-closed-what = { $service } makes the accounts. Please ask there for one.
forgot-title = New password
forgot-heading = Forgot your password?
forgot-what = Tell us your e-mail address. We’ll send you a code to type on the next page, and then you choose a new password.
forgot-closed-title = A new password is made for you here
forgot-closed-what = This server sends no mail. Please ask { $service } for a new password.
address-submit = Send the code
address-wrong = That doesn’t look like an e-mail address. Please check it.
address-again = Your code no longer counts. Please have a new one sent.
address-too-many = Too many codes were asked for from here. Please try again in { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
}.

code-title = Type the code
code-heading = Check your mail
code-what = We’ve sent a mail to { $email }. Type the six digits from it here.
code-label = Code
code-submit = Continue
code-wrong = That isn’t the code. Please check the mail and type it again.
code-over = This code no longer counts. Please have a new one sent.
code-again = Send a new code
code-other-address = Use another address
code-sent-again = We’ve sent a new mail. Only its code counts now.
code-sent-before = Your mail was sent only a moment ago. Please give it a little time.
code-not-there = Nothing there? It can take a minute. Look among the spam, too.

finish-heading = Now a name and a password
finish-what = Your address is confirmed.
finish-name = Name
finish-password = New password
finish-submit = Create the account
reset-heading = Choose a new password
reset-what = It ends every login elsewhere. Your linked apps stay linked.
reset-submit = Set the password
name-wrong = Please type a name, at most 200 characters long.
password-hint = At least 8 characters. The longer the better: a few words that don’t belong together are easy to remember and hard to guess.
password-short = That is too short. Please use at least 8 characters.
password-long = That is too long. Please use at most 128 characters.
password-common = This is one of the passwords that attackers try first, or close to it. Please choose another.
password-personal = This is made of your name, your address or the name of the service. Please choose something nobody connects with you.
password-pattern = Rows of keys and repetitions are guessed quickly. Please mix in something else.
password-date = Dates are guessed quickly. Please add a word or two.
password-word = A single word or name is guessed quickly. Please add another one or two.
password-guessable = This is still easy to guess. Please add another word or two.

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

second-step-heading = One more step
second-step-app = Enter the 6 digits your authenticator app shows.
second-step-recovery = Enter one of the recovery codes you kept. Each works once.
second-step-wrong = That code isn’t right. Enter the newest code your app shows.
second-step-recovery-wrong = That code isn’t right. Enter a recovery code you haven’t used yet.
second-step-too-many = Too many codes were tried. Try again in { $minutes } min, or use a recovery code.
second-step-over = It took too long, or too many codes were wrong. Please log in again.
second-step-use-recovery = Use a recovery code
second-step-use-app = Use the app
second-step-lost = If none of this works for you, contact { $service }.

factors-title = Two-step verification
factors-what = With a second step when you log in, your account stays safe even if somebody learns your password.
factors-since = Added { $day }
factors-add = Add
factors-remove = Remove
factors-renew = Get new
factors-back = Back
factors-app = Authenticator app
factors-app-what = You enter a code that an app on your phone shows.
factors-app-add = Add an authenticator app
factors-app-remove = Remove the authenticator app
factors-app-added = The authenticator app is added. From now on you are asked for a code when you log in.
factors-app-removed = The authenticator app is removed.
factors-change = Change
factors-passkey = Passkey
factors-passkey-what = Log in without a password: with your finger, your face or your screen lock.
factors-passkey-add = Add a passkey
factors-passkey-remove = Remove the passkey
factors-passkey-added = The passkey is added.
factors-passkey-named = The passkey has its new name.
factors-passkey-removed = The passkey is removed.
passkey-use = Use a passkey
passkey-failed = The passkey could not be confirmed. Try again, or use another way.
passkey-refused = That passkey doesn’t log in here. Please log in another way.
passkey-late = That took too long. Please try again.
passkey-kept = That passkey is the only way into your account, so it stays. Set a password first, or add another passkey.
passkey-add-what = You can then log in with this device’s finger, face or screen lock, or with a security key.
passkey-not-added = The passkey could not be added. Please try again.
passkey-name = Name (optional)
passkey-unable = This browser can’t use passkeys.
factors-codes = Recovery codes
factors-codes-what = For when you don’t have your phone.
factors-codes-left = { $count } left.
factors-codes-renew = Get new recovery codes
factors-code-app = Code from the app
factors-code-recovery = Recovery code
factors-confirm-code = To confirm, enter a code from your app or a recovery code
app-scan = Scan the QR code with your authenticator app, then enter the 6 digits the app shows.
app-qr = QR code for your authenticator app
app-here = Is the app on this device?
app-open = Open the app
app-key = Key to type into the app
app-wrong = That code isn’t right. Enter the newest code your app shows, and check that your phone’s clock is right.
app-remove-what = Once it is removed, you are no longer asked for its codes when you log in.
codes-heading = Keep your recovery codes
codes-what = If you lose your phone, you can log in with these. Each works once, and they are shown only now.
codes-kept = I have kept them
codes-renew-what = New codes replace all the ones you have.

details-title = You
details-heading = About you
details-what = Apps that you allowed to see them get your name and language from here.
details-name = Name
details-name-refused = A name has 1 to 200 characters.
details-save = Save
details-saved = Saved.

email-title = Change your e-mail address
email-open = Change it
email-what = You log in with { $email } now. We’ll send a code to the new address, to see that its mail reaches you.
email-new = New e-mail address
email-after = When it is changed, you are logged out everywhere else. What is linked stays linked.
email-own = That is your address already.
email-taken = Another account has this address by now. Please use a different one.
email-do = Change the address
email-anew = Have a new code sent, or use another address
email-changed = Your e-mail address is changed. We’ve told both addresses.
confirm-login = To be sure that it is you, log in again first. After that you have ten minutes.

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

password-title = Change your password
password-heading = Change your password
password-what = You will be logged out everywhere else.
password-current = Current password
password-links = What about your linked apps?
password-links-keep = They stay linked
password-links-end = Unlink all of them
password-links-end-what = Choose this if somebody else may have used your account. Each speaker has to be linked again.
password-do = Change password
password-leave = Leave it as it is
password-changed = Your password is changed, and you are logged out everywhere else.

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

# Letters
mail-footer = This mail was sent automatically by { $service }. Nobody reads answers to it.
mail-time = { $day }, { $time } (UTC)
mail-not-you = If that wasn’t you, there is nothing to do. Nothing was changed.
mail-button-login = Log in
mail-button-sign-up = Sign up
mail-button-forgot = Set a new password
mail-button-account = See your linked apps
mail-sign-up-title = Your code to sign up at { $service }
mail-sign-up-what = Type this code on the page where you are signing up:
mail-reset-title = Your code for a new { $service } password
mail-reset-what = Type this code on the page where you asked for a new password:
mail-code-lives = It is good for { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
}, and only in the browser that asked for it.
mail-code-heed = Nobody at { $service } will ever ask you for it. If you didn’t ask for this code yourself, tell it to nobody; nothing was changed.
mail-taken-title = You already have a { $service } account
mail-taken-what = Somebody wanted to sign up with this e-mail address. It already has an account, so no new one was made.
mail-taken-do = If that was you, log in. If you no longer know your password, you can set a new one there.
mail-not-invited-title = { $service } is by invitation
mail-not-invited-what = Somebody wanted to sign up with this e-mail address, but it hasn’t been invited. If that was you, ask { $service } for an invitation.
mail-invitation-title = { $service } invites you
mail-invitation-what = With this e-mail address you can make a { $service } account until { $day }.
mail-reset-unknown-title = There is no { $service } account with this address
mail-reset-unknown-what = Somebody asked for a new password for this e-mail address, but no account has it. If that was you, perhaps you used another address.
mail-reset-paused-title = Your { $service } account is paused
mail-reset-paused-what = A new password was asked for, but { $service } has paused this account. Please ask { $service } about it.
mail-password-title = Your { $service } password was changed
mail-password-what = It was changed on { $time }, and every other login ended.
mail-device-title = New login to your { $service } account
mail-device-what = Somebody logged in to your account on a device that wasn’t used before: { $device }, on { $time }.
mail-device-unknown = a device that doesn’t say what it is
mail-safety-do = If that was you, there is nothing to do. If not, set a new password now: it ends every login.
mail-step-title = Two-step verification changed at { $service }
mail-step-app-added = An authenticator app was added at { $time }. From now on its codes are asked for when you log in.
mail-step-app-removed = The authenticator app was removed at { $time }.
mail-step-passkey-added = A passkey was added at { $time }. It can be used to log in from now on.
mail-step-passkey-removed = A passkey was removed at { $time }.
mail-step-codes-renewed = New recovery codes were made at { $time }. The ones before no longer work.
mail-step-code-used = Somebody logged in with one of your recovery codes at { $time }. That code won’t work again.
mail-step-cleared = { $service } switched off two-step verification at { $time }. You now log in with your password alone.
mail-email-code-title = Your code to change your { $service } e-mail address
mail-email-code-what = Type this code on the page where you are changing your e-mail address:
mail-email-taken-title = This address already has a { $service } account
mail-email-taken-what = Somebody wanted to make this the e-mail address of another { $service } account. It already has one, so nothing was changed.
mail-email-taken-do = If that was you, log in with this address, or use a different one.
mail-email-left-title = Your { $service } account has a new e-mail address
mail-email-left-what = On { $time } it was changed to { $email }. Nobody can log in with this address any more, and every other login ended.
mail-email-left-do = If that was you, there is nothing to do. If not, write to { $service } at once, from this address if you can: only { $service } can give you the account back.
mail-email-here-title = Your { $service } account has this e-mail address now
mail-email-here-what = It was changed on { $time }. From now on you log in with this address. Every other login ended; what is linked stays linked.
mail-deletion-title = Your { $service } account will be deleted
mail-deletion-what = That was asked for on { $time }. On { $day } the account goes, with all that is known of you and every link.
mail-deletion-keep = To keep it after all, log in before then and choose to keep your account.
mail-deletion-heed = If you didn’t ask for that, keep it now and set a new password.
mail-kept-title = Your { $service } account stays
mail-kept-what = On { $time } its deletion was called off. Everything is as it was.
mail-deleted-title = Your { $service } account is deleted
mail-deleted-what = On { $time } it was deleted, with what was known of you. What was linked to it is no longer linked.
mail-deleted-last = You don’t get any more mail about it.
mail-linked-title = { $client } is linked to your { $service } account
mail-linked-what = Since { $time } you can use your { $service } account from { $client }.
mail-linked-do = If you didn’t do that, unlink it now and set a new password.
mail-many-made-title = More apps were linked to your { $service } account
mail-many-made-what = So many were linked within an hour, the last one at { $time }, that we don’t write about each of them any more.
mail-many-ended-title = More links with your { $service } account ended
mail-many-ended-what = So many ended within an hour, the last one at { $time }, that we don’t write about each of them any more.
mail-many-do = You see what is linked on your page. If you didn’t do that, set a new password.
mail-unlinked-title = { $client } is no longer linked
mail-unlinked-what = The link between { $client } and your { $service } account ended on { $time }.
mail-unlinked-do = To use it again, link again in { $app }.
mail-end-account = You unlinked it.
mail-end-admin = { $service } ended it.
mail-end-platform = It was unlinked in { $app }.
mail-end-idle = It hadn’t been used for a long time.
mail-end-password = You chose so when you changed your password.
mail-end-safety = Something about it wasn’t safe any more, so it was ended to protect your account.

# Spoken by CLOVA where the client has no words of its own.
cek-linked = Your account is linked.
cek-relink = Please link your account again in the CLOVA app.
cek-busy = I can’t answer right now. Please try again in a moment.

# Signing in with others
with-label = Sign in with another account
with-or = or
with-button = Continue with { $provider }
with-unknown = the other sign-in
with-unnamed = your account there
with-other-ways = Other ways to log in
with-back = Back to your account
with-existing = This { $provider } account’s e-mail address already has a { $service } account. Log in to it, and you can connect the two.
with-cancelled-title = You’re not logged in yet
with-cancelled-what = You stopped at { $provider }, so nothing was shared.
with-cancelled-do = You can try again, or log in another way.
with-failed-title = That didn’t work with { $provider }
with-failed-what = What { $provider } answered didn’t prove who you are, so you weren’t logged in.
with-failed-do = Try again. If it keeps happening, log in another way and tell { $service }.
with-down-title = { $provider } isn’t answering
with-down-what = { $provider } can’t be reached right now. Nothing of yours was lost.
with-down-do = Try again in a minute, or log in another way.
with-over-title = Please start once more
with-over-what = The way back from { $provider } is good only once and for ten minutes.
with-over-do = Tap the button again, or log in another way.
with-off-title = You can’t log in with { $provider } here
with-off-what = { $service } doesn’t offer it at the moment.
with-off-do = Log in another way. If that was your only one, you can set a password with your e-mail address.
with-web-view-title = { $provider } doesn’t work inside this app
with-web-view-what = { $provider } only lets people log in in a browser, and this page is shown inside another app.
with-web-view-do = Log in another way here. In your browser you can use { $provider } again.
with-paused-title = Your account is paused
with-paused-what = { $service } has paused the account that { $provider } is connected to.
with-paused-do = Please ask { $service } about it.
with-elsewhere-title = That { $provider } account is taken
with-elsewhere-what = It is already connected to another { $service } account.
with-elsewhere-do = Disconnect it there first, or use another { $provider } account.
with-connect-title = Connect
with-connect-heading = Connect { $provider } to your account?
with-connect-what = From then on you can also log in to { $service } with { $provider }.
with-connect-submit = Connect
with-connect-not = Not now
with-new-heading = Your { $service } account
with-new-what = You’re logged in with { $provider }, but there’s no { $service } account for it yet. Make one now; it needs no password.
with-new-code = We’ll mail you a code to make sure it’s yours.
with-new-submit = Make the account
with-new-existing = I already have a { $service } account
with-not-invited-title = { $service } is by invitation
with-not-invited-what = { $email } hasn’t been invited. Ask { $service } for an invitation, or use another address.
mail-with-title = { $provider } is connected to your { $service } account
mail-with-what = Since { $time } you can log in to your { $service } account with { $provider }.
mail-without-title = { $provider } is no longer connected to your { $service } account
mail-without-what = Since { $time } nobody can log in to your { $service } account with { $provider } any more.
mail-with-do = If you didn’t do that, look at how you log in, and set a new password.
mail-button-security = See how you log in
connected-heading = Signing in with others
connected-kept = That’s the only way into your account, so it stays connected. Set a password first, or connect another one.
connected-since = Connected since { $day }
connected-off = { $service } doesn’t offer it at the moment
connected-end = Disconnect
connected-end-named = Disconnect { $provider }
connected-add = Connect { $provider }
connected-no-password = Your account has no password.
connected-set-password = Set one with a code by mail
