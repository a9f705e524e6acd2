//! The steps of a host in each scene, and how often it takes them; crash points and cases are generated from them.

use tillhouse_tests::crashpoints::ArmedPoint;

use crate::case::Case;
use crate::feed_steps::{ASKED, BY_CATALOG_IMPORT, BY_IMPORT_SET, ENDED, LOOKED_AT_IMPORT_SET};
use crate::scene::{HANG_MS, Scene};

/// A step that repeats for as long as a host runs; only the first time counts.
pub(crate) const REPEATED: &str = "commit.probe";

/// The effects at an armed crash point.
pub(crate) const ACTIONS: [&str; 3] = ["abort", "error", "hang"];

/// A step of the host, and how often it occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A commit, with crash points before and after.
    Commit(&'static str, u32),
    /// A commit that the store refuses, with a crash point before.
    Refused(&'static str, u32),
    /// An outside effect, with crash points before connect, after write, before read and after read.
    Effect(&'static str, u32),
    /// A file that is sent or fetched: as an outside effect, but its end is the next commit.
    Transfer(&'static str, u32),
}

use Step::{Commit, Effect, Refused};

const NOTIFIED: Step = Commit("message.orders.notify.delivered", 1);
const REPORT: Step = Effect("POST /v1/payment_records/report_payment", 1);
const REPORTED: Step = Commit("message.stripe.report_payment.delivered", 1);
const EVENT: Step = Effect("POST /agentic_checkout/webhooks/order_events", 1);
const ANNOUNCED: Step = Commit("message.acp.order_event.delivered", 1);
const RETRIEVE: Step = Effect("GET /v1/shared_payment/granted_tokens/*", 1);
const RESOLVE: Step = Effect("POST /v1/shared_payment/granted_tokens/*/resolve", 1);
const CHARGE: Step = Effect("POST /v1/charges", 1);
const LOOKUP: Step = Effect("GET /v1/charges", 1);

const REFUND: Step = Effect("POST /v1/charges/*/refunds", 1);
const LOOK_UP_REFUND: Step = Effect("GET /v1/charges/*/refunds", 1);
const READ_RECORD: Step = Effect("GET /v1/payment_records/*", 1);
const REPORT_REFUND: Step = Effect("POST /v1/payment_records/*/report_refund", 1);
const REFUND_REPORTED: Step = Commit("message.stripe.report_refund.delivered", 1);

/// The first steps of every start. They are always the same, so cases in one first run and one recovery are enough.
const START: [Step; 3] = [Commit("audit.host.start", 1), Commit("purge", 1), Commit("probe", 1)];

/// The first start imports the merchant's file.
const IMPORTED: [Step; 2] = [Commit("catalog.rows", 1), Commit("catalog", 1)];

/// The same, and another import while the host runs.
const IMPORTED_TWICE: [Step; 2] = [Commit("catalog.rows", 2), Commit("catalog", 2)];
const QUOTED: [Step; 1] = [Commit("session.open.new", 1)];
const SOLD: [Step; 2] = [Commit("plugin_data", 1), NOTIFIED];

/// How every purchase begins.
const BEGUN: [Step; 4] = [
    Commit("session.open.new", 1),
    Commit("session.open.changed", 1),
    Commit("attempt.reserved", 1),
    RETRIEVE,
];
const CHARGED: [Step; 4] = [
    Commit("attempt.resolving", 1),
    RESOLVE,
    Commit("attempt.charging", 1),
    CHARGE,
];
const HELD: Step = Commit("attempt.awaiting", 1);
const APPROVED: [Step; 1] = [Commit("attempt.approved", 1)];
/// What follows from an order.
const TOLD: [Step; 6] = [Commit("plugin_data", 1), NOTIFIED, REPORT, REPORTED, EVENT, ANNOUNCED];
/// What follows from a refund.
const REFUND_TOLD: [Step; 3] = [READ_RECORD, REPORT_REFUND, REFUND_REPORTED];

/// The steps of a scene. In a recovery, the host takes them by itself.
#[derive(Debug)]
struct Steps {
    /// Steps that another scene's cases cover.
    covered: Vec<Step>,
    /// Steps that this scene's cases cover.
    own: Vec<Step>,
}

fn steps(scene: Scene) -> Steps {
    let (covered, own): (&[&[Step]], &[&[Step]]) = match scene {
        Scene::Paid => (&[], &[&START, &IMPORTED, &BEGUN, &CHARGED, &APPROVED, &TOLD]),
        // Only the steps before the decline are the same.
        Scene::Declined => (
            &[&START, &IMPORTED, &BEGUN],
            &[
                &CHARGED,
                &[Commit("attempt.declined", 1), Commit("answer", 1), REPORT, REPORTED],
            ],
        ),
        Scene::Authenticated => (
            &[&START, &IMPORTED, &BEGUN[..2], &TOLD],
            &[
                &[
                    Commit("attempt.reserved", 2),
                    Effect("GET /v1/shared_payment/granted_tokens/*", 2),
                    Commit("attempt.authentication_required", 1),
                ],
                &CHARGED,
                &APPROVED,
            ],
        ),
        Scene::AuthenticatedAtCharge => (
            &[&START, &IMPORTED, &BEGUN[..2], &TOLD],
            &[
                &[
                    Commit("attempt.reserved", 2),
                    Effect("GET /v1/shared_payment/granted_tokens/*", 2),
                    Commit("attempt.resolving", 2),
                    Effect("POST /v1/shared_payment/granted_tokens/*/resolve", 2),
                    Commit("attempt.charging", 2),
                    Effect("POST /v1/charges", 2),
                    Commit("attempt.authentication_required", 1),
                ],
                &APPROVED,
            ],
        ),
        Scene::ProofLost => (&[&START], &[&[Commit("attempt.authentication_required", 1)]]),
        // Only the refund is new; what follows from an order is covered by the recoveries.
        Scene::Refunded => (
            &[
                &START,
                &IMPORTED,
                &BEGUN,
                &CHARGED,
                &APPROVED,
                &[
                    Commit("plugin_data", 2),
                    Commit("message.orders.notify.delivered", 2),
                    REPORT,
                    REPORTED,
                    Effect("POST /agentic_checkout/webhooks/order_events", 2),
                    Commit("message.acp.order_event.delivered", 2),
                ],
            ],
            &[
                &[
                    Commit("refund.asked", 1),
                    Commit("refund.sent", 1),
                    REFUND,
                    Commit("refund.done", 1),
                ],
                &REFUND_TOLD,
            ],
        ),
        Scene::RefundFound => (
            &[&START],
            &[
                &[
                    LOOK_UP_REFUND,
                    Commit("refund.done", 1),
                    Commit("plugin_data", 1),
                    NOTIFIED,
                ],
                &REFUND_TOLD,
                &[EVENT, ANNOUNCED],
            ],
        ),
        Scene::RefundSentAgain => (
            &[&START],
            &[
                &[
                    Effect("GET /v1/charges/*/refunds", 2),
                    Commit("refund.unknown", 1),
                    Commit("refund.sent", 1),
                    REFUND,
                    Commit("refund.done", 1),
                    Commit("plugin_data", 1),
                    NOTIFIED,
                ],
                &REFUND_TOLD,
                &[EVENT, ANNOUNCED],
            ],
        ),
        Scene::Found => (
            &[],
            &[&START, &[Commit("attempt.unknown", 1), LOOKUP], &APPROVED, &TOLD],
        ),
        Scene::Absent => (
            &[&START],
            &[&[
                Commit("attempt.unknown", 1),
                LOOKUP,
                Commit("attempt.declined", 1),
                REPORT,
                REPORTED,
            ]],
        ),
        Scene::SentAgain => (
            &[&START],
            &[
                &[
                    Commit("attempt.unknown", 5),
                    Effect("GET /v1/charges", 4),
                    RESOLVE,
                    CHARGE,
                ],
                &APPROVED,
                &TOLD,
            ],
        ),
        Scene::Resolving => (&[&START], &[&CHARGED[1..], &APPROVED, &TOLD]),
        Scene::Unreported => (&[&START], &[&TOLD]),
        Scene::Voided => (
            &[&START],
            &[&[
                Commit("attempt.unknown", 1),
                LOOKUP,
                Refused("attempt.approved", 1),
                Commit("attempt.voiding", 2),
                Effect("POST /v1/charges/*/void", 1),
                Commit("attempt.voided", 1),
                REPORT,
                REPORTED,
            ]],
        ),
        Scene::PaidElsewhere => (
            &[&START, &IMPORTED, &SOLD],
            &[&[Commit("session.open.new", 1), HELD], &APPROVED],
        ),
        Scene::CanceledElsewhere => (
            &[
                &START,
                &IMPORTED,
                &[Commit("session.open.new", 2), Commit("attempt.awaiting", 2)],
                &APPROVED,
                &SOLD,
            ],
            &[&[Commit("attempt.failed", 1)]],
        ),
        Scene::RefusedElsewhere => (
            &[
                &START,
                &IMPORTED,
                &[Commit("session.open.new", 1), Commit("attempt.awaiting", 2)],
                &APPROVED,
                &SOLD,
            ],
            &[&[Commit("attempt.declined", 1)]],
        ),
        Scene::ChangedElsewhere => (
            &[&START, &IMPORTED, &QUOTED, &APPROVED, &SOLD],
            &[&[Commit("attempt.awaiting", 3), Commit("attempt.failed", 1)]],
        ),
        Scene::PaidTooLate => (
            &[&START, &IMPORTED, &[Commit("session.open.new", 1), HELD], &SOLD],
            &[&[Commit("attempt.needs_review", 2)], &APPROVED],
        ),
        Scene::ImportedAtStart => (&[&START, &QUOTED], &[&IMPORTED]),
        Scene::ImportedByChange => (
            &[&START, &QUOTED],
            &[&IMPORTED_TWICE, &[Commit("audit.catalog.reload", 1)]],
        ),
        Scene::ImportedByOperator => (
            &[&START, &QUOTED],
            &[&IMPORTED_TWICE, &[Commit("audit.catalog.import", 1)]],
        ),
        Scene::ToldOfImportSet => (
            &[&START, &IMPORTED, &[Commit("feed.purged", 1)]],
            &[
                &ASKED,
                &BY_IMPORT_SET,
                &[
                    Commit("feed.hurried", 1),
                    Commit("event.data_management.import_set.succeeded", 1),
                ],
                &ENDED,
            ],
        ),
        Scene::ToldOfCatalogImport => (
            &[&START, &IMPORTED, &ASKED, &[Commit("feed.purged", 1)]],
            &[
                &BY_CATALOG_IMPORT,
                &[
                    Effect("GET /v2/commerce/product_catalog/imports/*", 2),
                    Commit("feed.hurried", 1),
                    Commit("event.v2.commerce.product_catalog.imports.succeeded_with_errors", 1),
                ],
                &ENDED,
            ],
        ),
        // The looks before the last one are not counted.
        Scene::UntoldOfImportSet => (
            &[
                &START,
                &IMPORTED,
                &ASKED,
                &BY_IMPORT_SET[..LOOKED_AT_IMPORT_SET],
                &[Commit("feed.purged", 1)],
            ],
            &[&BY_IMPORT_SET[LOOKED_AT_IMPORT_SET..], &ENDED],
        ),
        Scene::UntoldOfCatalogImport => (
            &[
                &START,
                &IMPORTED,
                &ASKED,
                &BY_CATALOG_IMPORT,
                &[Commit("feed.purged", 1)],
            ],
            &[&[Effect("GET /v2/commerce/product_catalog/imports/*", 1)], &ENDED],
        ),
        // How often hooks were refused is written down at the end.
        Scene::PaidByHook => (
            &[&START, &IMPORTED, &[Commit("plugin_data", 2), NOTIFIED]],
            &[&QUOTED, &[Commit("answer", 2), HELD], &APPROVED],
        ),
        Scene::ExpiredByHook => (
            &[
                &START,
                &IMPORTED,
                &[Commit("plugin_data", 2), NOTIFIED, Commit("session.open.new", 2)],
                &[Commit("attempt.awaiting", 2)],
                &APPROVED,
            ],
            &[&[Commit("answer", 4), Commit("attempt.declined", 1)]],
        ),
    };
    Steps {
        covered: covered.concat(),
        own: own.concat(),
    }
}

/// The name of a crash point, and how often it is passed.
pub(crate) type PassedPoint = (String, u32);

/// The crash points of a scene.
pub(crate) fn crash_points(scene: Scene) -> impl Iterator<Item = PassedPoint> {
    let Steps { covered, own } = steps(scene);
    covered.into_iter().chain(own).flat_map(Step::crash_points)
}

impl Step {
    fn crash_points(self) -> Vec<PassedPoint> {
        let (name, count, crash_points): (_, _, &[&str]) = match self {
            Self::Commit(what, count) => (format!("commit.{what}"), count, &["before", "after"]),
            Self::Refused(what, count) => (format!("commit.{what}"), count, &["before"]),
            Self::Transfer(what, count) => {
                let crash_points = &["before_connect", "after_write", "before_read"];
                (format!("effect.{what}"), count, crash_points)
            }
            Self::Effect(what, count) => {
                let crash_points = &["before_connect", "after_write", "before_read", "after_read"];
                (format!("effect.{what}"), count, crash_points)
            }
        };
        crash_points
            .iter()
            .map(|place| (format!("{name}.{place}"), count))
            .collect()
    }
}

/// Every case with its name.
pub(crate) fn cases() -> Vec<(String, Case)> {
    let mut cases = Vec::new();
    for scene in Scene::ALL {
        for (name, count) in steps(scene).own.into_iter().flat_map(Step::crash_points) {
            for nth in 1..=count {
                cases.extend(ACTIONS.map(|action| case(scene, &name, nth, action)));
            }
        }
    }
    cases
}

/// The cases of one run: every crash point with one effect, in turn; with `TILLHOUSE_CRASH_POINTS=all` with every effect.
pub(crate) fn selected() -> Vec<(String, Case)> {
    let is_whole = std::env::var_os("TILLHOUSE_CRASH_POINTS").is_some_and(|wanted| wanted == "all");
    let in_turn = |index: usize| index % ACTIONS.len() == index / ACTIONS.len() % ACTIONS.len();
    let cases = cases().into_iter().enumerate();
    let selected = cases.filter(|(index, _)| is_whole || in_turn(*index));
    selected.map(|(_, case)| case).collect()
}

fn case(scene: Scene, name: &str, nth: u32, action: &'static str) -> (String, Case) {
    let armed = ArmedPoint {
        name: name.to_owned(),
        nth,
        action,
        patience_ms: HANG_MS,
    };
    let title = format!("{}::{name}#{nth}::{action}", scene.name());
    let armed = Some(armed);
    (title, Case { scene, armed })
}
