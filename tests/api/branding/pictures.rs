//! Pictures, whole and broken.

use std::io::{Cursor, Write};

use flate2::{Compression, write::ZlibEncoder};
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

/// What viewers that believe a picture's text would run.
pub const SCRIPT: &[u8] = b"<script>alert(1)</script>";

/// A picture of two colours.
pub fn picture(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        if x > y {
            Rgba([11, 107, 84, 255])
        } else {
            Rgba([250, 249, 246, 255])
        }
    })
}

/// A picture as a file of that format.
pub fn file(picture: &RgbaImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(picture.clone())
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

/// A PNG that says more than its picture: a text, and something after its end.
pub fn talkative(picture: &RgbaImage) -> Vec<u8> {
    let png = file(picture, ImageFormat::Png);
    let (head, rest) = png.split_at(33);
    let text = [b"Comment\0", SCRIPT].concat();
    [head, &chunk(b"tEXt", &text), rest, SCRIPT].concat()
}

/// A PNG of nothing but zeros, of any size and depth; a few bytes that come to gigabytes.
pub fn zeros(width: u32, height: u32, depth: u8) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([depth, 6, 0, 0, 0]);
    let row = usize::try_from(width).unwrap() * usize::from(depth) / 2 + 1;
    let mut data = ZlibEncoder::new(Vec::new(), Compression::fast());
    // More of it would only be slower to make: what comes first is refused already.
    for _ in 0..height.min(100) {
        data.write_all(&vec![0; row]).unwrap();
    }
    let data = data.finish().unwrap();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &header),
        chunk(b"IDAT", &data),
        chunk(b"IEND", b""),
    ]
    .concat()
}

fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let named = [kind, data].concat();
    let length = u32::try_from(data.len()).unwrap();
    [
        &length.to_be_bytes()[..],
        &named,
        &crc(&named).to_be_bytes(),
    ]
    .concat()
}

/// PNG, annex D.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| {
        if crc & 1 == 1 {
            0xedb8_8320 ^ (crc >> 1)
        } else {
            crc >> 1
        }
    };
    let sum = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc))
    });
    !sum
}
