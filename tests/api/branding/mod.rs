//! How the pages of a client's flows look: name, logo, colours and links of its own.

mod colours;
mod files;
mod logo;
mod pages;
mod pictures;

use linkgate::admin::AdminRole::Operator;
use sqlx::PgPool;

use crate::harness::{Answer, Browser, Stage};

/// A client whose look an admin is about to change.
struct Studio {
    stage: Stage,
    console: Browser,
}

impl Studio {
    async fn open(db: PgPool) -> Self {
        let stage = Stage::set(db).await;
        let console = stage.app.console(Operator).await;
        Self { stage, console }
    }

    fn look(&self) -> String {
        format!("/admin/clients/{}/look", self.stage.client.id())
    }

    /// Saves these fields of the form as it stands.
    async fn save(&self, fields: &[(&str, &str)]) -> Answer {
        self.console
            .fill_in(&self.look(), &self.look(), fields)
            .await
    }

    /// Saves these fields, which hold.
    async fn set(&self, fields: &[(&str, &str)]) {
        let answer = self.save(fields).await;
        assert_eq!(
            answer.location(),
            format!("{}?done=look-saved", self.look())
        );
    }

    /// Uploads a file, named and typed as it is called.
    async fn upload(&self, file: &[u8], name: &str, media_type: &str) -> Answer {
        let form = self.console.get(&self.look()).await;
        let form = form.form(&format!("{}/logo", self.look()));
        self.upload_with(form.value("csrf"), file, (name, media_type))
            .await
    }

    /// The same with another token.
    async fn upload_with(&self, csrf: &str, file: &[u8], called: (&str, &str)) -> Answer {
        let (name, media_type) = called;
        let mut body = format!(
            "--cut\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n\
             --cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: {media_type}\r\n\r\n"
        )
        .into_bytes();
        body.extend(file);
        body.extend(b"\r\n--cut--\r\n");
        let address = format!("{}/logo", self.look());
        let request = self.console.request("POST", &address);
        let request = request.header("content-type", "multipart/form-data; boundary=cut");
        self.console.send(request.body(body)).await
    }

    /// The login page of the client's flow.
    async fn login_page(&self) -> Answer {
        let browser = self.stage.app.browser();
        let begun = browser.get(&self.stage.platform.url_with(&[])).await;
        let page = browser.get(begun.location()).await;
        page.assert_page(200);
        page
    }

    /// The address of the logo on the login page, if it has one.
    async fn logo(&self) -> Option<String> {
        let page = self.login_page().await;
        let (_, rest) = page.body.split_once("<img class=\"mark\" src=\"")?;
        Some(rest.split('"').next().unwrap().to_owned())
    }

    /// What is at an address, byte for byte.
    async fn bytes(&self, address: &str) -> Vec<u8> {
        let request = self.stage.app.browser().request("GET", address);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap().to_vec()
    }
}

/// The address of a page's stylesheet.
fn stylesheet(page: &Answer) -> &str {
    let (_, rest) = page
        .body
        .split_once("<link rel=\"stylesheet\" href=\"")
        .unwrap();
    rest.split('"').next().unwrap()
}
