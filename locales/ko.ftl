# 사람들이 보는 모든 문장. 말투는 해요체.
# 끼워 넣는 이름 뒤에는 받침을 타지 않는 조사(에, 에서)만 쓰거나 낱말을 덧댄다. $app은 늘 “앱”으로 끝난다.

language-name = 한국어
privacy-policy = 개인정보 처리방침
languages = 언어
app-named = { $client } 앱
app-unnamed = 처음 시작한 앱

time-left = 남은 시간
time-minutes = { $minutes }분
time-last = 1분 미만
time-after = 지나면 { $app }에서 다시 시작하면 돼요.
time-up = 시간이 다 됐어요. { $app }에서 다시 시작해 주세요.

day = { $year }년 { $month }월 { $day }일
ago-now = 방금
ago-minutes = { $count }분 전
ago-hours = { $count }시간 전
ago-days = { $count }일 전
ago-months = { $count }개월 전

login-title = 로그인
login-heading = { $service }에 로그인해 주세요
login-to-link = { $client }에 회원님의 { $service } 계정을 연결하려고 해요.
login-to-see-links = 로그인하면 연결된 앱을 보고 끊을 수 있어요.
login-email = 이메일
login-password = 비밀번호
login-submit = 로그인
login-mismatch = 이메일 또는 비밀번호가 맞지 않아요. 다시 확인해 주세요.
login-too-many = 로그인을 너무 여러 번 시도했어요. { $seconds }초 뒤에 다시 해 주세요.
login-busy = 지금은 로그인이 몰려 있어요. { $seconds }초 뒤에 다시 해 주세요.
login-other-account = 연결할 계정으로 로그인해 주세요.

consent-title = 계정 연결
consent-heading = { $service } 계정을 { $client }에 연결할까요?
consent-what = 연결하면 { $client }에서 { $service } 계정을 쓸 수 있어요.
consent-account = 연결할 계정
consent-not-you = 다른 계정이에요
consent-sees = { $client }에서 볼 수 있는 것
consent-password = 비밀번호는 알려 주지 않아요
consent-approve = 연결하기
consent-deny = 연결하지 않기
consent-unlink = 언제든 { $place }에서 끊을 수 있어요.
consent-own-start = { $app }에서 직접 시작한 연결이 아니라면 연결하지 마세요.
consent-returns = 선택하면 { $host } 주소로 돌아가요.

connect-title = 채팅 연결
connect-heading = 이 채팅을 { $service } 계정에 연결할까요?
connect-what = 연결하면 연결을 끊을 때까지 { $client } 챗봇이 이 채팅에서 나를 알아봐요.
connect-chat = 연결할 채팅
connect-bot = 챗봇
connect-platform = 메신저
connect-user = 사용자
connect-own-chat = 방금 내 { $client } 채팅에서 왔을 때만 연결하세요. 다른 사람이 보내 준 주소라면 연결하지 마세요. 그 사람의 채팅에서 내 { $service } 계정을 보게 돼요.
connect-approve = 연결
connect-deny = 연결하지 않기
connected-title = 연결했어요
connected-what = 채팅으로 돌아가세요. 이제 { $client } 챗봇이 내 { $service } 계정을 알아요.
not-connected-title = 연결하지 않았어요
not-connected-what = 아무것도 연결되지 않았어요. 이 페이지를 닫고 { $client } 채팅으로 돌아가세요.
chat-named = { $client } 채팅

scope-id = 회원님을 구별하는 번호
scope-id-note = 이름이나 연락처는 들어 있지 않아요
scope-email = 이메일 주소
scope-profile = 이름과 사용하는 언어
scope-attributes = { $service } 이용 정보
scope-attributes-note = 포인트나 등급처럼 { $service }에 기록된 정보예요

account-title = 연결된 앱
account-heading = 연결된 앱
account-what = 아래 앱에서 회원님의 { $service } 계정을 쓸 수 있어요.
account-empty-heading = 아직 연결된 앱이 없어요
account-empty = 음성 비서 앱에서 { $service } 서비스를 찾아 계정을 연결하면 여기에 나타나요.
account-yours = 내 계정
account-logout = 로그아웃
link-since = { $day } 연결
link-used = { $ago } 사용
link-never-used = 아직 쓰지 않았어요
link-working = 사용 중
link-quiet = 오래 안 씀
link-waiting = 연결하는 중
link-paused = 잠시 멈춤
link-quiet-hint = { $app }에서 이미 지웠다면 여기서도 끊어 주세요.
link-waiting-hint = { $app }에서 마지막 확인을 기다리고 있어요.
link-paused-hint = { $service } 쪽에서 이 연결을 잠시 멈췄어요. 연결은 그대로 남아 있어요.
link-chat = 연결된 채팅
link-sees = 볼 수 있는 것:
unlink-open = 연결 끊기
unlink-close = 끊지 않을래요
unlink-what = 끊으면 { $client }에서 바로 { $service } 계정을 쓸 수 없게 돼요. 다시 쓰고 싶으면 { $app }에서 새로 연결하면 돼요.
unlink-confirm = 네, 끊을게요
unlink-done = { $client } 연결을 끊었어요.

tab-apps = 연결된 앱
tab-security = 로그인
tab-you = 내 정보

security-title = 로그인한 기기
security-heading = 로그인한 기기
security-what = 지금 { $service } 계정으로 로그인되어 있는 곳이에요. 모르는 기기가 있으면 바로 로그아웃하세요.
session-since = { $day }에 로그인
session-here = 이 기기
session-unknown = 알 수 없는 기기
session-end = 로그아웃
session-end-named = { $device }에서 로그아웃
session-end-others = 다른 기기에서 모두 로그아웃
session-end-what = 연결된 앱은 그대로 쓸 수 있어요.
session-ended = 로그아웃했어요.

details-title = 내 정보
details-heading = 내 정보
details-what = 연결할 때 허락한 앱은 여기 있는 이름과 언어를 볼 수 있어요.
details-name = 이름
details-name-refused = 이름은 1자에서 200자까지 쓸 수 있어요.
details-save = 저장
details-saved = 저장했어요.

export-heading = 내 데이터 받기
export-what = 계정 연결을 위해 보관하고 있는 내용을 파일 하나로 받을 수 있어요.
export-do = 내려받기

deletion-title = 계정 삭제
deletion-heading = 계정 삭제
deletion-short = 7일 뒤에 삭제되고, 그때까지는 언제든 되돌릴 수 있어요.
deletion-open = 계정 삭제하기
deletion-ask = { $service } 계정을 삭제할까요?
deletion-links = { $apps } 연결이 끊겨요.
deletion-data = { $service }에 로그인할 수 없게 되고, 계정 정보가 모두 지워져요.
deletion-grace = { $day }까지는 아무것도 바뀌지 않아요. 그 전에 로그인하면 되돌릴 수 있어요.
deletion-password = 확인을 위해 비밀번호를 입력하세요
deletion-do = 계정 삭제
deletion-keep = 계정 유지하기
deletion-coming = 이 계정은 { $day }에 삭제되고, 연결도 모두 끊겨요.
password-mistaken = 비밀번호가 맞지 않아요. 다시 입력해 주세요.

logged-out-title = 로그아웃했어요
logged-out-what = 이 브라우저에서 { $service } 로그인을 끝냈어요. 연결된 앱은 그대로 쓸 수 있어요.
login-again = 다시 로그인하기


home-title = 계정 연결
home-heading = { $service } 계정 연결
home-what = 음성 비서와 { $service } 계정을 이어 주는 곳이에요. 연결은 음성 비서 앱에서 시작해요.
home-account = 연결된 앱 보기
home-admin = 관리자

privacy-title = 개인정보 처리방침
privacy-empty = 아직 공개한 개인정보 처리방침이 없어요. { $service }에 문의해 주세요.

support-code = 문의 코드
support-code-do = { $service }에 문의할 때 이 코드를 알려 주세요.
copy = 복사
copied = 복사했어요
error-developer = 이 연동을 만드는 개발자에게
error-home = 처음 화면으로
error-not-found-title = 찾는 페이지가 없어요
error-not-found-what = 주소가 바뀌었거나 잘못 입력된 것 같아요.
error-not-found-do = 주소를 다시 확인해 주세요.
error-method-title = 이 방법으로는 열 수 없어요
error-method-what = 이 주소는 버튼을 눌러서만 들어올 수 있어요.
error-method-do = 이전 화면으로 돌아가 버튼을 다시 눌러 주세요.
error-too-large-title = 보낸 내용이 너무 커요
error-too-large-what = 받을 수 있는 크기를 넘어서 처리하지 않았어요.
error-too-large-do = 이전 화면으로 돌아가 내용을 줄인 뒤 다시 보내 주세요.
error-large-headers-title = 브라우저가 보낸 내용이 너무 많아요
error-large-headers-what = 이 사이트의 쿠키가 너무 커졌을 수 있어요. 아무것도 처리하지 않았어요.
error-large-headers-do = 이 사이트의 쿠키를 지우거나 다른 브라우저에서 다시 시작해 주세요.
error-late-title = 보낸 내용이 제때 도착하지 않았어요
error-late-what = 연결이 느리거나 끊겼을 수 있어요. 바뀐 것은 없어요.
error-late-do = 이전 화면으로 돌아가 다시 보내 주세요.
error-stale-form-title = 이 화면은 더 이상 쓸 수 없어요
error-stale-form-what = 화면을 연 뒤에 로그인이 바뀌었거나, 다른 곳에서 보낸 요청이에요. 바뀐 것은 없어요.
error-stale-form-do = 이전 화면을 새로 고친 뒤 다시 해 주세요.
error-expired-title = 연결할 시간이 지났어요
error-expired-what = 안전을 위해 연결은 정해진 시간 안에 마쳐야 해요. 아직 연결되지 않았어요.
error-expired-do = { $app }에서 연결을 다시 시작해 주세요.
error-other-browser-title = 다른 브라우저에서 열렸어요
error-other-browser-what = 연결을 시작한 브라우저가 아니라서 여기서는 이어 갈 수 없어요. 쿠키를 막아 둔 경우에도 이렇게 보여요.
error-other-browser-do = { $app }으로 돌아가 이어 가거나, 쿠키를 허용하고 처음부터 다시 시작해 주세요.
error-bad-request-title = 연결 요청이 올바르지 않아요
error-bad-request-what = { $app }에서 보낸 요청에 문제가 있어요. 회원님의 잘못이 아니에요.
error-bad-request-do = 잠시 뒤 다시 해 보고, 계속 같으면 { $service }에 알려 주세요.
error-unknown-client-title = 모르는 앱이에요
error-unknown-client-what = 연결을 요청한 앱이 { $service }에 등록되어 있지 않아요. 회원님의 정보는 넘어가지 않았어요.
error-unknown-client-do = 이 창을 닫아 주세요. 알고 있는 앱이라면 { $service }에 알려 주세요.
error-disabled-client-title = 지금은 연결할 수 없어요
error-disabled-client-what = { $service } 쪽에서 { $app } 연결을 잠시 멈췄어요.
error-disabled-client-do = 나중에 다시 해 주세요. 이미 연결된 계정은 그대로 남아 있어요.
error-busy-title = 지금은 요청이 몰려 있어요
error-busy-what = 조금만 기다리면 다시 할 수 있어요. 바뀐 것은 없어요.
error-busy-do = { $seconds }초 뒤에 다시 해 주세요.
error-too-many-title = 너무 자주 시도했어요
error-too-many-what = 같은 곳에서 짧은 시간에 많은 요청이 왔어요.
error-too-many-do = { $seconds }초 뒤에 다시 해 주세요.
error-already-linked-title = 이미 연결했어요
error-already-linked-what = 이 연결은 끝났어요. 더 할 일이 없어요.
error-already-linked-do = { $app }으로 돌아가 주세요.
error-other-account-title = 다른 계정으로 이미 답했어요
error-other-account-what = 이 연결에는 다른 { $service } 계정으로 이미 답했어요.
error-other-account-do = 이 계정으로 연결하려면 { $app }에서 처음부터 다시 시작해 주세요.
error-chat-elsewhere-title = 다른 계정에 연결된 채팅이에요
error-chat-elsewhere-what = 이 채팅은 이미 다른 { $service } 계정에 연결돼 있어요. 바뀐 것은 없어요.
error-chat-elsewhere-do = 그 계정도 내 계정이라면 그 계정으로 로그인해 { $app } 연결을 끊은 뒤, 채팅에서 다시 시작하세요.
error-internal-title = 문제가 생겼어요
error-internal-what = 저희 쪽에서 처리하지 못했어요. 회원님의 잘못이 아니에요.
error-internal-do = 잠시 뒤 다시 해 주세요. 계속 같으면 아래 문의 코드와 함께 { $service }에 알려 주세요.

# Spoken by CLOVA where the client has no words of its own.
cek-linked = 계정이 연결되어 있어요.
cek-relink = 클로바 앱에서 계정을 다시 연결해 주세요.
cek-busy = 지금은 대답하기 어려워요. 잠시 뒤에 다시 말씀해 주세요.
