# 利用者が目にするすべての文。です・ます調で、やさしい言葉を使う。

language-name = 日本語
privacy-policy = プライバシーポリシー
languages = 言語
app-named = { $client }アプリ
app-unnamed = 最初に開いたアプリ

time-left = 残り時間
time-minutes = { $minutes }分
time-last = 1分未満
time-after = 過ぎた場合は、{ $app }からもう一度始めてください。
time-up = 時間切れです。{ $app }からもう一度始めてください。

day = { $year }年{ $month }月{ $day }日
ago-now = たった今
ago-minutes = { $count }分前
ago-hours = { $count }時間前
ago-days = { $count }日前
ago-months = { $count }か月前

login-title = ログイン
login-heading = { $service }にログインしてください
login-to-link = { $client }が{ $service }のアカウントとの連携を求めています。
login-to-see-links = ログインすると、連携中のアプリの確認と解除ができます。
login-email = メールアドレス
login-password = パスワード
login-submit = ログイン
login-mismatch = メールアドレスまたはパスワードが違います。もう一度ご確認ください。
login-too-many = ログインの回数が多すぎます。{ $seconds }秒後にもう一度お試しください。
login-busy = ただいまログインが混み合っています。{ $seconds }秒後にもう一度お試しください。
login-other-account = 連携したいアカウントでログインしてください。

consent-title = アカウント連携
consent-heading = { $service }のアカウントを{ $client }と連携しますか？
consent-what = 連携すると、{ $client }から{ $service }のアカウントを使えるようになります。
consent-account = 連携するアカウント
consent-not-you = 別のアカウントです
consent-sees = { $client }が見られるもの
consent-password = パスワードは共有されません
consent-approve = 連携する
consent-deny = 連携しない
consent-unlink = 連携はいつでも{ $place }から解除できます。
consent-own-start = { $app }でご自身が始めた操作でなければ、連携しないでください。
consent-returns = 選択すると{ $host }に戻ります。

connect-title = チャットの連携
connect-heading = このチャットを{ $service }のアカウントに連携しますか？
connect-what = 連携すると、解除するまで、{ $client }がこのチャットであなたを認識します。
connect-chat = 連携するチャット
connect-bot = チャットボット
connect-platform = メッセンジャー
connect-user = ユーザー
connect-own-chat = たった今、ご自分の{ $client }とのチャットから来た場合だけ連携してください。誰かから送られたアドレスなら連携しないでください。その人のチャットから、あなたの{ $service }のアカウントが見えてしまいます。
connect-approve = 連携する
connect-deny = 連携しない
connected-title = 連携しました
connected-what = チャットに戻ってください。{ $client }があなたの{ $service }のアカウントを認識しました。
not-connected-title = 連携しませんでした
not-connected-what = 何も連携されていません。このページを閉じて、{ $client }とのチャットに戻ってください。
chat-named = { $client }とのチャット

scope-id = お客様を区別する番号
scope-id-note = 名前や連絡先は含まれません
scope-email = メールアドレス
scope-profile = 名前と使用言語
scope-attributes = { $service }の利用情報
scope-attributes-note = ポイントや会員ランクなど、{ $service }に記録された情報です

account-title = 連携中のアプリ
account-heading = 連携中のアプリ
account-what = 次のアプリから{ $service }のアカウントを使えます。
account-empty-heading = 連携中のアプリはまだありません
account-empty = 音声アシスタントのアプリで{ $service }を探し、アカウントを連携すると、ここに表示されます。
account-yours = ご自身のアカウント
account-logout = ログアウト
link-since = { $day }から連携
link-used = { $ago }に使用
link-never-used = まだ使われていません
link-working = 使用中
link-quiet = 長く未使用
link-waiting = 連携の途中
link-paused = 一時停止中
link-quiet-hint = { $app }ですでに削除した場合は、こちらでも解除してください。
link-waiting-hint = { $app }での最後の確認を待っています。
link-paused-hint = { $service }がこの連携を一時的に止めています。連携は残っています。
link-chat = 連携したチャット
link-sees = 見られるもの：
unlink-open = 連携を解除
unlink-close = 解除しない
unlink-what = 解除すると、{ $client }からすぐに{ $service }のアカウントを使えなくなります。また使いたいときは、{ $app }から連携し直してください。
unlink-confirm = はい、解除します
unlink-done = { $client }との連携を解除しました。

tab-apps = 連携中のアプリ
tab-security = ログイン
tab-you = お客様情報

security-title = ログイン中の端末
security-heading = ログイン中の端末
security-what = いま{ $service }のアカウントにログインしている端末です。心当たりのない端末があれば、すぐにログアウトしてください。
session-since = { $day }にログイン
session-here = この端末
session-unknown = 不明な端末
session-end = ログアウト
session-end-named = { $device }からログアウト
session-end-others = ほかの端末からすべてログアウト
session-end-what = 連携中のアプリはそのまま使えます。
session-ended = ログアウトしました。

details-title = お客様情報
details-heading = お客様情報
details-what = 連携のときに許可したアプリには、ここの名前と言語が伝わります。
details-name = お名前
details-name-refused = お名前は1文字から200文字までです。
details-save = 保存
details-saved = 保存しました。

export-heading = データのダウンロード
export-what = アカウント連携のために保管している内容を、1つのファイルで受け取れます。
export-do = ダウンロード

deletion-title = アカウントの削除
deletion-heading = アカウントの削除
deletion-short = 7日後に削除されます。それまではいつでも取り消せます。
deletion-open = アカウントを削除する
deletion-ask = { $service }のアカウントを削除しますか？
deletion-links = { $apps }との連携が解除されます。
deletion-data = { $service }にログインできなくなり、アカウントの情報はすべて削除されます。
deletion-grace = { $day }までは何も変わりません。それまでにログインすれば取り消せます。
deletion-password = 確認のため、パスワードを入力してください
deletion-do = アカウントを削除
deletion-keep = 削除しない
deletion-coming = このアカウントは{ $day }に削除され、連携もすべて解除されます。
password-mistaken = パスワードが正しくありません。もう一度入力してください。

logged-out-title = ログアウトしました
logged-out-what = このブラウザーでの{ $service }へのログインを終了しました。連携中のアプリはそのまま使えます。
login-again = もう一度ログイン


home-title = アカウント連携
home-heading = { $service }のアカウント連携
home-what = 音声アシスタントと{ $service }のアカウントをつなぐ場所です。連携は音声アシスタントのアプリから始めます。
home-account = 連携中のアプリを見る
home-admin = 管理者

privacy-title = プライバシーポリシー
privacy-empty = プライバシーポリシーはまだ公開されていません。{ $service }にお問い合わせください。

support-code = お問い合わせコード
support-code-do = { $service }へのお問い合わせの際に、このコードをお伝えください。
copy = コピー
copied = コピーしました
error-developer = この連携の開発者の方へ
error-home = 最初のページへ
error-not-found-title = ページが見つかりません
error-not-found-what = アドレスが変わったか、入力に誤りがあるようです。
error-not-found-do = アドレスをもう一度ご確認ください。
error-method-title = この方法では開けません
error-method-what = このアドレスには、ボタンを押したときだけ入れます。
error-method-do = 前の画面に戻って、もう一度ボタンを押してください。
error-too-large-title = 送られた内容が大きすぎます
error-too-large-what = 受け付けられる大きさを超えているため、処理しませんでした。
error-too-large-do = 前の画面に戻り、内容を短くしてもう一度送ってください。
error-large-headers-title = ブラウザから送られた内容が多すぎます
error-large-headers-what = このサイトの Cookie が大きくなりすぎた可能性があります。何も処理していません。
error-large-headers-do = このサイトの Cookie を削除するか、別のブラウザで最初からやり直してください。
error-late-title = 内容が時間内に届きませんでした
error-late-what = 接続が遅いか、切れた可能性があります。何も変更されていません。
error-late-do = 前の画面に戻って、もう一度送ってください。
error-stale-form-title = この画面はもう使えません
error-stale-form-what = 画面を開いた後にログインが変わったか、別の場所から送られた操作です。何も変更していません。
error-stale-form-do = 前の画面を再読み込みして、もう一度お試しください。
error-expired-title = 連携できる時間が過ぎました
error-expired-what = 安全のため、連携は決まった時間内に終える必要があります。まだ連携されていません。
error-expired-do = { $app }からもう一度始めてください。
error-other-browser-title = 別のブラウザーで開かれました
error-other-browser-what = 連携を始めたブラウザーではないため、ここでは続けられません。Cookieを拒否している場合も、この画面になります。
error-other-browser-do = { $app }に戻って続けるか、Cookie を許可して最初からやり直してください。
error-bad-request-title = 連携のリクエストが正しくありません
error-bad-request-what = { $app }から送られた内容に問題があります。お客様の操作のせいではありません。
error-bad-request-do = しばらくしてからもう一度お試しください。続く場合は{ $service }にお知らせください。
error-unknown-client-title = 登録されていないアプリです
error-unknown-client-what = 連携を求めたアプリは{ $service }に登録されていません。お客様の情報は渡していません。
error-unknown-client-do = この画面を閉じてください。ご存じのアプリであれば、{ $service }にお知らせください。
error-disabled-client-title = ただいま連携できません
error-disabled-client-what = { $service }が{ $app }との連携を一時的に止めています。
error-disabled-client-do = 後ほどもう一度お試しください。すでに連携したアカウントはそのまま残っています。
error-busy-title = ただいま混み合っています
error-busy-what = 少しお待ちいただければ続けられます。何も変更していません。
error-busy-do = { $seconds }秒後にもう一度お試しください。
error-too-many-title = 操作の回数が多すぎます
error-too-many-what = 同じ場所から短い時間に多くのリクエストがありました。
error-too-many-do = { $seconds }秒後にもう一度お試しください。
error-already-linked-title = すでに連携しています
error-already-linked-what = この連携は完了しています。ほかに必要な操作はありません。
error-already-linked-do = { $app }に戻ってください。
error-other-account-title = 別のアカウントで回答済みです
error-other-account-what = この連携には、別の{ $service }アカウントですでに回答しています。
error-other-account-do = このアカウントで連携するには、{ $app }で最初からやり直してください。
error-chat-elsewhere-title = 別のアカウントに連携されています
error-chat-elsewhere-what = このチャットは、すでに別の{ $service }のアカウントに連携されています。何も変更していません。
error-chat-elsewhere-do = そのアカウントもご自分のものなら、そのアカウントでログインして{ $app }の連携を解除し、チャットからもう一度始めてください。
error-internal-title = 問題が発生しました
error-internal-what = こちらの都合で処理できませんでした。お客様の操作のせいではありません。
error-internal-do = しばらくしてからもう一度お試しください。続く場合は、下のお問い合わせコードを添えて{ $service }にお知らせください。

# Spoken by CLOVA where the client has no words of its own.
cek-linked = アカウントは連携されています。
cek-relink = CLOVAアプリでアカウントをもう一度連携してください。
cek-busy = ただいまお答えできません。少し待ってからもう一度お試しください。
