//! Commands beside a running `serve`, and without one.

use linkgate::foundation::embedded_postgres::Mode;

use crate::harness::{Folder, notes, write_note};

#[tokio::test]
async fn a_command_works_beside_a_running_serve_and_leaves_it_running() {
    let folder = Folder::new("beside");
    let serve = folder.serve().await;
    let server = folder.server();
    let command = folder.start(Mode::Command).await.unwrap();
    write_note(&command, "by a command").await;
    command.stop().await;
    assert_eq!(folder.server(), server);
    assert_eq!(notes(&serve).await, ["by a command"]);
    serve.stop().await;
}

#[tokio::test]
async fn the_last_command_out_stops_the_server_that_commands_started() {
    let folder = Folder::new("commands");
    let first = folder.start(Mode::Command).await.unwrap();
    let second = folder.start(Mode::Command).await.unwrap();
    first.stop().await;
    write_note(&second, "still there").await;
    second.stop().await;
    assert_eq!(folder.server(), None);
}

#[tokio::test]
async fn commands_started_at_once_on_an_empty_directory_share_one_server() {
    let folder = Folder::new("at-once");
    let (first, second) = tokio::join!(folder.start(Mode::Command), folder.start(Mode::Command));
    let (first, second) = (first.unwrap(), second.unwrap());
    write_note(&first, "one server").await;
    assert_eq!(notes(&second).await, ["one server"]);
    first.stop().await;
    second.stop().await;
    assert_eq!(folder.server(), None);
}

#[tokio::test]
async fn serve_waits_for_a_running_command() {
    let folder = Folder::new("waits");
    let command = folder.start(Mode::Command).await.unwrap();
    let end = async {
        write_note(&command, "finished").await;
        command.stop().await;
    };
    let (serve, ()) = tokio::join!(folder.serve(), end);
    assert_eq!(notes(&serve).await, ["finished"]);
    serve.stop().await;
}
