//! Taxes as amounts or as rates.

use super::messages;
use super::rounding::rounding;
use crate::api::bindings::tillhouse::merchant::tax_types as wit;
use crate::api::check;
use tillhouse_checkout::decision::{AnsweredTaxes, AssessedTax, RatedTax, TaxAssessment, TaxPart, TaxRate};

pub(crate) fn assessment(assessment: wit::Assessment) -> Result<TaxAssessment, String> {
    Ok(TaxAssessment {
        taxes: match assessment.taxes {
            wit::Taxes::Amounts(taxes) => AnsweredTaxes::Amounts {
                lines: check::list("lines", taxes.lines, check::LINES, assessed)?,
                options: check::list("options", taxes.options, check::OPTIONS, assessed)?,
                fees: check::list("fees", taxes.fees, check::FEES, assessed)?,
            },
            wit::Taxes::Rates(taxes) => AnsweredTaxes::Rates {
                lines: check::list("lines", taxes.lines, check::LINES, rated)?,
                options: check::list("options", taxes.options, check::OPTIONS, rated)?,
                fees: check::list("fees", taxes.fees, check::FEES, rated)?,
                rounding: rounding(taxes.rounding)?,
            },
        },
        messages: messages(assessment.messages)?,
    })
}

fn assessed(assessed: wit::Assessed) -> Result<AssessedTax, String> {
    Ok(AssessedTax {
        id: tax_id(assessed.id)?,
        amount: assessed.amount,
        parts: check::list("tax.parts", assessed.parts, check::FEW, |part| {
            Ok(TaxPart {
                jurisdiction: jurisdiction(part.jurisdiction)?,
                rate: part.rate,
                amount: part.amount,
            })
        })?,
        exempt: exempt(assessed.exempt)?,
    })
}

fn rated(rated: wit::Rated) -> Result<RatedTax, String> {
    Ok(RatedTax {
        id: tax_id(rated.id)?,
        rates: check::list("tax.rates", rated.rates, check::FEW, |rate| {
            Ok(TaxRate {
                jurisdiction: jurisdiction(rate.jurisdiction)?,
                rate: rate.rate,
            })
        })?,
        exempt: exempt(rated.exempt)?,
    })
}

fn tax_id(id: String) -> Result<String, String> {
    check::text("tax.id", id, check::ID)
}

fn jurisdiction(name: String) -> Result<String, String> {
    check::text("tax.jurisdiction", name, check::ID)
}

fn exempt(reason: Option<String>) -> Result<Option<String>, String> {
    check::optional("tax.exempt", reason, check::TEXT)
}
