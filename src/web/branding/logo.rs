//! Logos: whatever is uploaded is decoded within bounds, drawn small, and written by our own encoder, so
//! that nothing of the upload but its picture is ever sent to anybody.

use std::io::Cursor;

use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageEncoder, ImageError, ImageFormat,
    ImageReader, Limits, RgbaImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
    error::LimitErrorKind,
    guess_format,
    imageops::{self, FilterType as Scaling},
};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::foundation::seal;

/// The most bytes of an upload.
pub const MAX_UPLOAD: usize = 1024 * 1024;
/// The largest width and height of one.
pub const MAX_EDGE: u32 = 4096;
/// What decoding may take: the largest picture with four bytes a pixel.
const MAX_MEMORY: u64 = 4 * MAX_EDGE as u64 * MAX_EDGE as u64;
/// A logo is drawn as large as still fits: three times its 48 pixels is enough for every screen, and the
/// last of these is below [`MAX_BYTES`] even where nothing can be compressed.
const EDGES: [u32; 5] = [192, 144, 96, 64, 48];
/// What a logo may add to the weight of a page.
const MAX_BYTES: usize = 12 * 1024;
/// How many bytes of the hash name it.
const ID_BYTES: usize = 16;

/// One upload at a time: what decoding may take is taken once.
static TURN: Semaphore = Semaphore::const_new(1);

/// A logo as it is kept and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// What its address names.
    pub id: String,
    /// The PNG.
    pub png: Vec<u8>,
}

/// Why an upload can't be a logo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotALogo {
    /// Nothing was chosen.
    #[error("choose a file: a PNG or WebP picture")]
    Missing,
    /// Too many bytes.
    #[error("the logo is too large: it may have 1 MiB")]
    TooLarge,
    /// Something else.
    #[error("the logo is {0}; it must be a PNG or WebP picture")]
    OtherFormat(&'static str),
    /// Too many pixels.
    #[error(
        "the logo has too many pixels: it may be {MAX_EDGE} wide and {MAX_EDGE} high, with 8 bits a channel"
    )]
    TooManyPixels,
    /// It breaks off, or is damaged.
    #[error("the logo is damaged: it could not be read to its end")]
    Damaged,
    /// The picture can't be drawn anew.
    #[error("the logo could not be drawn; save it as a plain PNG and try again")]
    Undrawable,
}

impl Logo {
    /// Draws an upload anew, on a thread where that may take its time.
    pub async fn draw(upload: impl Into<Vec<u8>>) -> Result<Self, NotALogo> {
        let upload = upload.into();
        check(&upload)?;
        let _turn = TURN.acquire().await.map_err(|_| NotALogo::Undrawable)?;
        let drawing = tokio::task::spawn_blocking(move || Self::drawn(&upload));
        drawing.await.map_err(|_| NotALogo::Undrawable)?
    }

    fn drawn(upload: &[u8]) -> Result<Self, NotALogo> {
        let picture = decode(upload, check(upload)?)?;
        let mut smaller = EDGES
            .into_iter()
            .map(|edge| encode(&scaled(&picture, edge)));
        let fits = |png: &Result<Vec<u8>, _>| png.as_ref().is_ok_and(|png| png.len() <= MAX_BYTES);
        let png = smaller.find(fits).ok_or(NotALogo::Undrawable)??;
        let hash = Sha256::digest(&png);
        let id = hash.get(..ID_BYTES).map(seal::to_text);
        Ok(Self {
            id: id.unwrap_or_default(),
            png,
        })
    }
}

/// What can be said without decoding. The name of a file says nothing: its first bytes do.
fn check(upload: &[u8]) -> Result<ImageFormat, NotALogo> {
    if upload.is_empty() {
        return Err(NotALogo::Missing);
    }
    if upload.len() > MAX_UPLOAD {
        return Err(NotALogo::TooLarge);
    }
    match guess_format(upload) {
        Ok(format @ (ImageFormat::Png | ImageFormat::WebP)) => Ok(format),
        Ok(ImageFormat::Jpeg) => Err(NotALogo::OtherFormat("a JPEG")),
        Ok(ImageFormat::Gif) => Err(NotALogo::OtherFormat("a GIF")),
        Ok(_) => Err(NotALogo::OtherFormat("a picture of another kind")),
        Err(_) if is_markup(upload) => Err(NotALogo::OtherFormat("an SVG or another text")),
        Err(_) => Err(NotALogo::OtherFormat("no picture that is known here")),
    }
}

fn is_markup(upload: &[u8]) -> bool {
    let text = upload.strip_prefix(b"\xef\xbb\xbf").unwrap_or(upload);
    text.trim_ascii_start().starts_with(b"<")
}

fn decode(upload: &[u8], format: ImageFormat) -> Result<DynamicImage, NotALogo> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_EDGE);
    limits.max_image_height = Some(MAX_EDGE);
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(upload), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(why)?;
    limits.reserve(decoder.total_bytes()).map_err(why)?;
    decoder.set_limits(limits).map_err(why)?;
    let orientation = decoder.orientation().map_err(why)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(why)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn why(error: ImageError) -> NotALogo {
    match error {
        ImageError::Limits(limit)
            if matches!(
                limit.kind(),
                LimitErrorKind::DimensionError | LimitErrorKind::InsufficientMemory
            ) =>
        {
            NotALogo::TooManyPixels
        }
        ImageError::Unsupported(_) => NotALogo::Undrawable,
        _ => NotALogo::Damaged,
    }
}

/// Within a square of that edge; a smaller picture stays as it is.
fn scaled(picture: &DynamicImage, edge: u32) -> RgbaImage {
    let (width, height) = picture.dimensions();
    if width <= edge && height <= edge {
        return picture.to_rgba8();
    }
    let longest = width.max(height);
    let within = |length: u32| (length * edge / longest).max(1);
    let (width, height) = (within(width), within(height));
    // What nobody sees, behind transparent pixels, must not colour those beside them.
    let seen = weighed(picture.to_rgba8());
    let small = imageops::resize(&seen, width, height, Scaling::Triangle);
    unweighed(small)
}

fn weighed(mut picture: RgbaImage) -> RgbaImage {
    for pixel in picture.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        let weigh = |part: u8| by(u32::from(part) * u32::from(alpha), 255);
        pixel.0 = [weigh(red), weigh(green), weigh(blue), alpha];
    }
    picture
}

fn unweighed(mut picture: RgbaImage) -> RgbaImage {
    for pixel in picture.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        let full = |part: u8| by(u32::from(part) * 255, u32::from(alpha).max(1));
        pixel.0 = [full(red), full(green), full(blue), alpha];
    }
    picture
}

fn by(sum: u32, divisor: u32) -> u8 {
    u8::try_from((sum + divisor / 2) / divisor).unwrap_or(u8::MAX)
}

fn encode(picture: &RgbaImage) -> Result<Vec<u8>, NotALogo> {
    let mut png = Vec::new();
    let best = CompressionType::Best;
    let encoder = PngEncoder::new_with_quality(&mut png, best, FilterType::Adaptive);
    let (width, height) = picture.dimensions();
    let opaque = picture.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    let picture = DynamicImage::ImageRgba8(picture.clone());
    let written = if opaque {
        let kind = image::ExtendedColorType::Rgb8;
        encoder.write_image(&picture.to_rgb8(), width, height, kind)
    } else {
        let kind = image::ExtendedColorType::Rgba8;
        encoder.write_image(picture.as_bytes(), width, height, kind)
    };
    written.map_err(|_| NotALogo::Undrawable)?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    fn drawn(picture: &RgbaImage) -> RgbaImage {
        let upload = encode(picture).unwrap();
        let logo = Logo::drawn(&upload).unwrap();
        assert!(logo.png.len() <= MAX_BYTES, "{}", logo.png.len());
        image::load_from_memory(&logo.png).unwrap().to_rgba8()
    }

    #[test]
    fn a_logo_keeps_its_shape_and_a_small_one_its_pixels() {
        let wide = RgbaImage::from_pixel(400, 100, Rgba([1, 2, 3, 255]));
        assert_eq!(drawn(&wide).dimensions(), (192, 48));
        let line = RgbaImage::from_pixel(1, 4096, Rgba([1, 2, 3, 255]));
        assert_eq!(drawn(&line).dimensions(), (1, 192));
        let small = RgbaImage::from_fn(20, 30, |x, y| {
            let [x, y] = [x, y].map(|at| u8::try_from(at).unwrap());
            Rgba([x, y, 7, 90])
        });
        assert_eq!(drawn(&small), small);
    }

    #[test]
    fn what_can_not_be_compressed_is_drawn_smaller_until_it_fits() {
        let mut noise = Sha256::digest(b"noise").to_vec();
        while noise.len() < 150 * 150 * 4 {
            let last = noise.len() - 32;
            noise.extend(Sha256::digest(&noise[last..]));
        }
        noise.truncate(150 * 150 * 4);
        let noise = RgbaImage::from_raw(150, 150, noise).unwrap();
        assert!(drawn(&noise).width() >= 48);
    }

    #[test]
    fn hidden_colours_do_not_shine_through() {
        // White, with transparent black beside it.
        let picture = RgbaImage::from_fn(400, 400, |x, _| {
            if x < 201 {
                Rgba([255; 4])
            } else {
                Rgba([0; 4])
            }
        });
        let small = drawn(&picture);
        let shown = small.pixels().filter(|pixel| pixel.0[3] > 0);
        for pixel in shown {
            assert!(pixel.0[0] > 250, "{pixel:?}");
        }
    }

    #[test]
    fn an_upload_is_known_by_its_first_bytes() {
        for (upload, said) in [
            (&b""[..], "choose a file"),
            (b"\xff\xd8\xff\xe0 JFIF", "a JPEG"),
            (b"GIF89a", "a GIF"),
            (b"<svg onload=alert(1)>", "SVG"),
            (b"\xef\xbb\xbf  <?xml version='1.0'?><svg/>", "SVG"),
            (b"BM....", "another kind"),
            (b"%PDF-1.7", "no picture"),
            (b"\x89PNG\r\n\x1a\n", "damaged"),
            (b"RIFF\x04\0\0\0WEBP", "damaged"),
        ] {
            let refused = Logo::drawn(upload).unwrap_err().to_string();
            assert!(refused.contains(said), "{refused}");
        }
        let refused = check(&vec![0; MAX_UPLOAD + 1]).unwrap_err();
        assert_eq!(refused, NotALogo::TooLarge);
    }
}
