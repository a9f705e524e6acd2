//! What the cells of a promotion say together.

use super::report::Report;
use crate::columns::code;
use crate::problem::Fault;
use crate::rule::Rule;

const TARGETS: [u8; 4] = [
    code::TARGET_IDS,
    code::TARGET_GROUPS,
    code::EXCLUDED_IDS,
    code::EXCLUDED_GROUPS,
];

pub(super) fn check(report: &mut Report<'_, '_>) {
    benefit(report);
    redemption(report);
    targets(report);
}

fn benefit(report: &mut Report<'_, '_>) {
    let benefit = report.get(code::BENEFIT_TYPE);
    for (name, code, rule, help) in [
        (
            "percent_off",
            code::PERCENT_OFF,
            Rule::PercentMissing,
            "write a number from 0 to 100",
        ),
        (
            "amount_off",
            code::AMOUNT_OFF,
            Rule::AmountMissing,
            "write it as 10.00 USD",
        ),
    ] {
        let empty = report.get(code).is_empty();
        if benefit == name && empty {
            report.needs(code, rule, "for its benefit_type", help);
        } else if benefit != name && !benefit.is_empty() && !empty {
            let message = format!("has a value, and benefit_type is {benefit}");
            report.add_at(
                code,
                Fault::new(Rule::BenefitOther, message, "leave it empty, or change benefit_type"),
            );
        }
    }
}

fn redemption(report: &mut Report<'_, '_>) {
    let by_code = report.get(code::APPLICATION_TYPE) == "promotion_code";
    let free_shipping = report.get(code::BENEFIT_TYPE) == "free_shipping";
    if (by_code || free_shipping) && report.get(code::PROMOTION_CODE).is_empty() {
        let why = if by_code {
            "for application_type promotion_code"
        } else {
            "for benefit_type free_shipping"
        };
        report.needs(
            code::PROMOTION_CODE,
            Rule::CodeMissing,
            why,
            "give the code that buyers enter",
        );
    }
}

fn targets(report: &mut Report<'_, '_>) {
    match report.get(code::TARGET_SELECTION) {
        "specific_products" if !report.cells.any(&TARGETS) => {
            let help = "name products in target_ids, target_item_group_ids, excluded_ids or excluded_item_group_ids";
            report.needs(
                code::TARGET_IDS,
                Rule::TargetMissing,
                "for target_selection specific_products",
                help,
            );
        }
        "all_products" => {
            if let Some(named) = TARGETS.into_iter().find(|code| !report.get(*code).is_empty()) {
                let message = "has a value, and target_selection is all_products";
                report.add_at(
                    named,
                    Fault::new(Rule::TargetOfAll, message, "leave it empty, or say specific_products"),
                );
            }
        }
        _ => {}
    }
}
