//! Sessions as an agent of a release gets them.

use serde_json::Value;

use super::{acp_settings, merchant};
use crate::acp::{Release, RenderContext};
use crate::rendering::RequestKind;
use crate::settings::{AcpSettings, StripeAcsAuth};
use tillhouse_checkout::session::Session;

/// The response of any operation but complete.
pub(crate) fn rendered(release: Release, session: &Session) -> Value {
    rendered_on(release, session, RequestKind::Other)
}

pub(crate) fn rendered_on(release: Release, session: &Session, request_kind: RequestKind) -> Value {
    render(release, session, &acp_settings(), request_kind)
}

/// The response of a merchant with other settings.
pub(crate) fn rendered_with(release: Release, session: &Session, settings: &AcpSettings) -> Value {
    render(release, session, settings, RequestKind::Other)
}

fn render(release: Release, session: &Session, settings: &AcpSettings, request_kind: RequestKind) -> Value {
    let context = RenderContext {
        merchant: &merchant("mer", StripeAcsAuth::Bearer(Vec::new())),
        settings,
        request_kind,
    };
    serde_json::from_slice(&release.render(session, context)).unwrap()
}
