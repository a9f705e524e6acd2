//! Bodies with a rendered file in them, read from it while they are sent.

use std::io::Cursor;

use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use tillhouse_catalog::Separator;
use tillhouse_checkout::ids::FeedUploadId;
use tillhouse_egress::UploadBody;

use super::assumptions::FILE_PURPOSE;
use crate::rendering::RenderedFile;

/// MIME type of a file.
pub(super) const fn mime_type(separator: Separator) -> &'static str {
    match separator {
        Separator::Tab => "text/tab-separated-values",
        _ => "text/csv",
    }
}

/// Name of the file of an upload.
pub(super) fn file_name(upload: &FeedUploadId, separator: Separator) -> String {
    let extension = if separator == Separator::Tab { "tsv" } else { "csv" };
    format!("{upload}.{extension}")
}

/// The file alone, for an upload URL.
pub(super) fn plain_body(file: &RenderedFile) -> std::io::Result<UploadBody> {
    let reader = File::from_std(file.file.from_start()?);
    Ok(UploadBody::new(file.facts.bytes, reader))
}

/// The content type and the body of a form with the file in it (RFC 7578). The bytes are the same whenever it is made, because Stripe
/// compares what comes under the same key; the boundary is made of the file's hash, so that the file cannot contain it.
pub(super) fn form(
    file: &RenderedFile,
    upload: &FeedUploadId,
    separator: Separator,
) -> std::io::Result<(String, UploadBody)> {
    let boundary = format!("tillhouse-{}", file.facts.sha256.get(..48).unwrap_or_default());
    let (name, mime) = (file_name(upload, separator), mime_type(separator));
    let before = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n{FILE_PURPOSE}\r\n--{boundary}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {mime}\r\n\r\n"
    );
    let after = format!("\r\n--{boundary}--\r\n");
    let around = u64::try_from(before.len() + after.len()).unwrap_or_default();
    let content = File::from_std(file.file.from_start()?);
    let reader = Cursor::new(before.into_bytes())
        .chain(content)
        .chain(Cursor::new(after.into_bytes()));
    let body = UploadBody::new(file.facts.bytes.saturating_add(around), reader);
    Ok((format!("multipart/form-data; boundary={boundary}"), body))
}
