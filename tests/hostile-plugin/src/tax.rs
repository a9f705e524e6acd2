//! Taxes that violate the contract.

use tillhouse_plugin::{
    prelude::*,
    tax::{Request, TaxPart},
};

use crate::{Hostile, attack};

impl Tax for Hostile {
    fn assess(_ctx: Context, request: Request) -> Result<Assessment, Failure> {
        let mode = attack::requested("tax:", request.lines.iter().map(|line| line.item.as_str()));
        attack::run(mode);
        let mut answer = AssessedTaxes::default();
        let mut rates = RatedTaxes::new(RoundingRule::per_line(Rounding::HalfUp));
        let line = request.lines.first().map(|line| line.line.clone()).unwrap_or_default();
        match mode {
            "negative" => answer.lines.push(assessed(line, -1, &[])),
            "overflow" => answer.lines.push(assessed(line, i64::MAX, &[])),
            "wrong-parts" => answer.lines.push(assessed(line, 100, &[60, 41])),
            "overflowing-parts" => answer.lines.push(assessed(line, 100, &[i64::MAX, i64::MAX])),
            "unknown-line" => answer.lines.push(assessed("nothing".into(), 1, &[])),
            "twice" => answer
                .lines
                .extend([assessed(line.clone(), 1, &[]), assessed(line, 1, &[])]),
            "unknown-option" => answer.options.push(assessed("nothing".into(), 1, &[])),
            "unknown-fee" => answer.fees.push(assessed("nothing".into(), 1, &[])),
            "more-than-included" => {
                let over = |line: &LineAmount| assessed(line.line.clone(), line.taxable + 1, &[]);
                answer.lines.extend(request.lines.iter().map(over));
            }
            "rates-over-whole" => {
                let rate = TaxRate::new("US-XX", Rate::from_ppm(600_000));
                rates.lines.push(Rated::new(line, vec![rate.clone(), rate]));
                return Ok(rates.into());
            }
            "exempt-with-tax" => answer.lines.push(Assessed {
                exempt: Some("resale".into()),
                ..assessed(line, 1, &[])
            }),
            "exempt-with-rates" => {
                let rated = Rated::at(line, Rate::from_ppm(10_000), "US-XX");
                rates.lines.push(Rated {
                    exempt: Some("resale".into()),
                    ..rated
                });
                return Ok(rates.into());
            }
            "unknown-rounding" => {
                rates.rounding.scope = "order".into();
                return Ok(rates.into());
            }
            _ => {}
        }
        Ok(answer.into())
    }
}

fn assessed(id: String, amount: i64, parts: &[i64]) -> Assessed {
    let part = |amount: &i64| TaxPart {
        jurisdiction: "US-XX".into(),
        rate: 10_000,
        amount: *amount,
    };
    Assessed {
        id,
        amount,
        parts: parts.iter().map(part).collect(),
        exempt: None,
    }
}
