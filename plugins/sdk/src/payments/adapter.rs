//! Implements the generated payment traits by the SDK's traits.

use super::{
    CancelOutcome, CaptureOutcome, ChargeOrder, Credential, Finding, News, Notice, Outcome, Page, Payments,
    PaymentsCancelByReference, PaymentsCapture, PaymentsList, PaymentsNotices, PaymentsRefund, PaymentsVoid,
    ProcessorProfile, RefundOutcome, VoidOutcome,
};
use crate::{
    bindings::{
        payments::exports::tillhouse::merchant::payments,
        payments_cancel_by_reference::exports::tillhouse::merchant::payments_cancel_by_reference,
        payments_capture::exports::tillhouse::merchant::payments_capture,
        payments_list::exports::tillhouse::merchant::payments_list,
        payments_notices::exports::tillhouse::merchant::payments_notices,
        payments_refund::exports::tillhouse::merchant::payments_refund,
        payments_void::exports::tillhouse::merchant::payments_void, tillhouse::host::credentials,
    },
    export::Adapter,
    types::{Failure, Money, Operation},
};

impl<T: Payments> payments::Guest for Adapter<T> {
    fn profile() -> Result<ProcessorProfile, Failure> {
        T::profile()
    }

    fn charge(op: Operation, order: ChargeOrder, credential: &credentials::Credential) -> Result<Outcome, Failure> {
        T::charge(op, order, Credential::of_host(credential))
    }

    fn lookup(op: Operation, amount: Money) -> Result<Finding, Failure> {
        T::lookup(op, amount)
    }
}

impl<T: PaymentsVoid> payments_void::Guest for Adapter<T> {
    fn void(op: Operation, processor_reference: String) -> Result<VoidOutcome, Failure> {
        T::void(op, processor_reference)
    }
}

impl<T: PaymentsRefund> payments_refund::Guest for Adapter<T> {
    fn refund(op: Operation, processor_reference: String, amount: Money) -> Result<RefundOutcome, Failure> {
        T::refund(op, processor_reference, amount)
    }
}

impl<T: PaymentsCapture> payments_capture::Guest for Adapter<T> {
    fn capture(op: Operation, processor_reference: String, amount: Money) -> Result<CaptureOutcome, Failure> {
        T::capture(op, processor_reference, amount)
    }
}

impl<T: PaymentsCancelByReference> payments_cancel_by_reference::Guest for Adapter<T> {
    fn cancel_by_reference(op: Operation) -> Result<CancelOutcome, Failure> {
        T::cancel_by_reference(op)
    }
}

impl<T: PaymentsList> payments_list::Guest for Adapter<T> {
    fn list_charges(op: Operation, since: u64, until: u64, cursor: Option<String>) -> Result<Page, Failure> {
        T::list_charges(op, since, until, cursor)
    }
}

impl<T: PaymentsNotices> payments_notices::Guest for Adapter<T> {
    fn read(notice: Notice) -> Result<Vec<News>, Failure> {
        T::read(notice)
    }
}
