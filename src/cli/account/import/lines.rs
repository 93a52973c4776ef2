//! The lines of a file that may be larger than memory, each of bounded length.

use std::io;

use futures_util::{Stream, stream};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

/// The longest line: an account of the largest size, with every character escaped.
const LONGEST: u64 = 128 * 1024;

/// A line that can't be one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoLine {
    /// Longer than any account.
    #[error("the line is longer than 128 KiB")]
    TooLong,
    /// Not text.
    #[error("the line is not UTF-8 text")]
    NotText,
}

/// Reads lines one by one.
pub struct Lines<R> {
    reader: BufReader<R>,
    number: u64,
}

type Line = (u64, Result<String, NoLine>);

impl<R: AsyncRead + Unpin> Lines<R> {
    /// The lines of that source.
    pub fn of(source: R) -> Self {
        Self {
            reader: BufReader::new(source),
            number: 0,
        }
    }

    /// The lines with their numbers, without empty ones.
    pub fn stream(self) -> impl Stream<Item = io::Result<Line>> {
        stream::try_unfold(self, |mut lines| async move {
            Ok(lines.next().await?.map(|line| (line, lines)))
        })
    }

    async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            self.number += 1;
            let mut bytes = Vec::new();
            let mut bounded = (&mut self.reader).take(LONGEST);
            if bounded.read_until(b'\n', &mut bytes).await? == 0 {
                return Ok(None);
            }
            let is_cut = bytes.last() != Some(&b'\n') && bounded.limit() == 0;
            if is_cut {
                self.skip_rest().await?;
                return Ok(Some((self.number, Err(NoLine::TooLong))));
            }
            if !bytes.trim_ascii().is_empty() {
                let text = String::from_utf8(bytes).map_err(|_| NoLine::NotText);
                return Ok(Some((self.number, text)));
            }
        }
    }

    async fn skip_rest(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf().await?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let (used, is_over) = match end {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.reader.consume(used);
            if is_over {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt;

    use super::*;

    #[tokio::test]
    async fn every_line_keeps_its_number_and_none_fills_the_memory() {
        let mut file = b"one\n\n  \r\n\xff\n".to_vec();
        file.extend(vec![b'x'; 300_000]);
        file.extend(b"\nlast");
        let lines: Vec<_> = Lines::of(&*file).stream().try_collect().await.unwrap();
        assert_eq!(
            lines,
            [
                (1, Ok("one\n".to_owned())),
                (4, Err(NoLine::NotText)),
                (5, Err(NoLine::TooLong)),
                (6, Ok("last".to_owned())),
            ]
        );
    }
}
