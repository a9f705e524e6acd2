//! Reads `POST /v1/files`: `multipart/form-data` with `purpose` and `file` (<https://docs.stripe.com/api/files/create>).

use axum::body::{Body, Bytes};
use multer::{Field, Multipart};

use super::file::{FeedFile, Format, PURPOSE};
use crate::stripe::error::StripeError;

/// An upload that can be stored.
pub(super) struct FileUpload {
    filename: String,
    format: Format,
    content: Bytes,
}

impl FileUpload {
    /// Reads the whole body, also that of a file that is too large, so that the client gets the answer.
    ///
    /// # Errors
    /// The parameter that is missing or wrong.
    pub(super) async fn read(content_type: Option<&str>, body: Body, max_bytes: usize) -> Result<Self, StripeError> {
        let boundary = content_type
            .and_then(|text| multer::parse_boundary(text).ok())
            .ok_or_else(|| {
                let message = "Send the file as multipart/form-data with a boundary.".to_owned();
                StripeError::parameter("parameter_invalid", "file", message)
            })?;
        let mut form = Multipart::new(body.into_data_stream(), boundary);
        let (mut purpose, mut file) = (None, None);
        while let Some(field) = form.next_field().await.map_err(|error| unreadable(&error))? {
            match field.name().unwrap_or_default() {
                "purpose" => purpose = Some(field.text().await.map_err(|error| unreadable(&error))?),
                "file" => file = Some(Part::read(field, max_bytes).await?),
                "expand[]" => {
                    field.bytes().await.map_err(|error| unreadable(&error))?;
                }
                other => return Err(StripeError::unknown_parameter(other)),
            }
        }
        check_purpose(purpose.as_deref())?;
        file.ok_or_else(|| missing("file"))?.into_upload(max_bytes)
    }

    pub(super) fn into_file(self, now: i64) -> FeedFile {
        FeedFile::new(&self.filename, self.format, self.content, now)
    }

    /// What must be equal for the same idempotency key.
    pub(super) fn fingerprint(&self) -> String {
        let file = self.clone_file();
        format!("{} {} {}", file.filename, self.format.content_type(), file.sha256)
    }

    fn clone_file(&self) -> FeedFile {
        FeedFile::new(&self.filename, self.format, self.content.clone(), 0)
    }
}

/// The part `file` before it is checked.
struct Part {
    filename: Option<String>,
    content_type: Option<String>,
    content: Vec<u8>,
    size: usize,
}

impl Part {
    async fn read(mut field: Field<'_>, max_bytes: usize) -> Result<Self, StripeError> {
        let mut part = Self {
            filename: field.file_name().map(str::to_owned),
            content_type: field.content_type().map(ToString::to_string),
            content: Vec::new(),
            size: 0,
        };
        while let Some(chunk) = field.chunk().await.map_err(|error| unreadable(&error))? {
            part.size += chunk.len();
            if part.size <= max_bytes {
                part.content.extend_from_slice(&chunk);
            }
        }
        Ok(part)
    }

    fn into_upload(self, max_bytes: usize) -> Result<FileUpload, StripeError> {
        let refuse = |message: String| Err(StripeError::parameter("parameter_invalid", "file", message));
        let Some(filename) = self.filename.filter(|name| !name.is_empty()) else {
            return refuse("The part 'file' must have a filename.".to_owned());
        };
        let content_type = self.content_type.unwrap_or_default();
        let Some(format) = Format::of_content_type(&content_type) else {
            return refuse(format!(
                "Files of type '{content_type}' are not supported for purpose {PURPOSE}. \
                 Use text/csv or text/tab-separated-values."
            ));
        };
        if self.size == 0 {
            return refuse("The uploaded file is empty.".to_owned());
        }
        if self.size > max_bytes {
            let size = self.size;
            return refuse(format!(
                "The uploaded file has {size} bytes; the maximum for purpose {PURPOSE} is {max_bytes}."
            ));
        }
        if !format.fits(&self.content) {
            return refuse(format!(
                "The content of the file is not {}, its MIME type.",
                format.content_type()
            ));
        }
        Ok(FileUpload {
            filename,
            format,
            content: self.content.into(),
        })
    }
}

fn check_purpose(purpose: Option<&str>) -> Result<(), StripeError> {
    match purpose {
        Some(PURPOSE) => Ok(()),
        Some(other) => {
            let message = format!("Invalid purpose: {other}. This simulator takes {PURPOSE}.");
            Err(StripeError::parameter("parameter_invalid", "purpose", message))
        }
        None => Err(missing("purpose")),
    }
}

fn missing(name: &str) -> StripeError {
    StripeError::parameter("parameter_missing", name, format!("Missing required param: {name}."))
}

fn unreadable(error: &multer::Error) -> StripeError {
    StripeError::parameter(
        "parameter_invalid",
        "file",
        format!("The multipart body cannot be read: {error}."),
    )
}
