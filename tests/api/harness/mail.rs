//! A mail server, as far as Linkgate talks to one (RFC 5321), which keeps what it is sent.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use mail_parser::MessageParser;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// How long a letter may be on its way.
const PATIENCE: Duration = Duration::from_secs(30);

/// One that was delivered.
#[derive(Debug, Clone)]
pub struct Letter {
    pub to: String,
    pub from: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub raw: String,
}

impl Letter {
    /// The letter of a message.
    pub fn read(to: &str, raw: &[u8]) -> Self {
        let message = MessageParser::default().parse(raw).unwrap();
        let from = message.from().unwrap().first().unwrap();
        let name = from.name().unwrap_or_default();
        Self {
            to: to.to_owned(),
            from: format!("{name} <{}>", from.address().unwrap()),
            subject: message.subject().unwrap().to_owned(),
            text: message.body_text(0).unwrap().into_owned(),
            html: message.body_html(0).unwrap().into_owned(),
            raw: String::from_utf8_lossy(raw).into_owned(),
        }
    }

    /// The six digits that stand in it; none where it holds no code.
    pub fn code(&self) -> Option<String> {
        let mut words = self.text.split_whitespace();
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
        words.find(is_code).map(str::to_owned)
    }
}

/// It stops when it is dropped.
pub struct MailServer {
    pub url: String,
    shared: Shared,
    serving: JoinHandle<()>,
}

#[derive(Clone, Default)]
struct Shared {
    letters: Arc<Mutex<Vec<Letter>>>,
    answers: Arc<Mutex<VecDeque<String>>>,
}

impl MailServer {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let shared = Shared::default();
        let served = shared.clone();
        let serving = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(talk(connection, served.clone()));
            }
        });
        Self {
            url,
            shared,
            serving,
        }
    }

    /// What it says to the next recipients it is named, before it takes any.
    pub fn answer(&self, answers: &[&str]) {
        let answers = answers.iter().map(|answer| (*answer).to_owned());
        self.shared.answers.lock().unwrap().extend(answers);
    }

    /// What has come so far.
    pub fn letters(&self) -> Vec<Letter> {
        self.shared.letters.lock().unwrap().clone()
    }

    /// Waits for a letter to that address, and takes it out.
    pub async fn letter_to(&self, email: &str) -> Letter {
        let came = async {
            loop {
                if let Some(letter) = self.take(email) {
                    return letter;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let came = tokio::time::timeout(PATIENCE, came).await;
        came.unwrap_or_else(|_| panic!("no letter came to {email}: {:?}", self.letters()))
    }

    fn take(&self, email: &str) -> Option<Letter> {
        let mut letters = self.shared.letters.lock().unwrap();
        let at = letters.iter().position(|letter| letter.to == email)?;
        Some(letters.remove(at))
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn talk(connection: TcpStream, shared: Shared) -> Option<()> {
    let (reading, mut writing) = connection.into_split();
    let mut lines = BufReader::new(reading).lines();
    let mut to = String::new();
    writing.write_all(b"220 mail.test\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let word = line.split([' ', ':']).next().unwrap().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" => "250-mail.test\r\n250-8BITMIME\r\n250 SMTPUTF8".to_owned(),
            "RCPT" => {
                line.split(['<', '>']).nth(1).unwrap().clone_into(&mut to);
                let said = shared.answers.lock().unwrap().pop_front();
                said.unwrap_or_else(|| "250 yes".to_owned())
            }
            "DATA" => {
                writing.write_all(b"354 go on\r\n").await.ok()?;
                let mut raw = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    // RFC 5321 §4.5.2.
                    raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                    raw.push_str("\r\n");
                }
                let letter = Letter::read(&to, raw.as_bytes());
                shared.letters.lock().unwrap().push(letter);
                "250 taken".to_owned()
            }
            "QUIT" => {
                writing.write_all(b"221 bye\r\n").await.ok()?;
                return Some(());
            }
            _ => "250 yes".to_owned(),
        };
        writing
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .ok()?;
    }
    Some(())
}
