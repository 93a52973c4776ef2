//! A QR code as the path of an SVG, one unit a module.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode, types::QrError};

/// A code, ready to be drawn.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// Modules a side, without the margin.
    pub side: usize,
    /// What is dark.
    pub path: String,
}

/// Around it, so that a camera finds it (ISO/IEC 18004 asks for four).
const MARGIN: usize = 4;

impl Drawing {
    /// The code that says so.
    pub fn of(text: &str) -> Result<Self, QrError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L)?;
        let side = code.width();
        let colors = code.to_colors();
        let mut path = String::new();
        for (y, row) in colors.chunks(side.max(1)).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|one, next| one == next) {
                if run.first() == Some(&Color::Dark) {
                    let long = run.len();
                    // Writing into a string can't fail.
                    let _ = write!(path, "M{x} {y}h{long}v1h-{long}z");
                }
                x += run.len();
            }
        }
        Ok(Self { side, path })
    }

    /// What of the plane is seen.
    pub fn view_box(&self) -> String {
        let side = self.side + 2 * MARGIN;
        format!("-{MARGIN} -{MARGIN} {side} {side}")
    }
}
