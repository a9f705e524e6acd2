"""A shop in Python: catalog prices, a coupon of ten percent, and one rate of tax."""

from wit_world import exports
from wit_world.imports import catalog, log
from wit_world.imports.pricing_types import (
    Coupon,
    Discount,
    PricedCart,
    PricedLine,
    RateOff,
    Reduction_Rate,
    RejectedCode,
    Terms_Rate,
)
from wit_world.imports.tax_types import (
    Assessment,
    Rated,
    RatedTaxes,
    TaxRate,
    Taxes_Rates,
)
from wit_world.imports.tillhouse_merchant_types import Rounding

HALF_UP_PER_CART = Rounding(mode="half-up", scope="cart")


def ten_percent_off(code):
    coupon = Coupon(
        id="ten",
        name="10 % off",
        terms=Terms_Rate(100_000),
        duration=None,
        duration_in_months=None,
        max_redemptions=None,
        times_redeemed=None,
        extensions=[],
    )
    return Discount(
        id=code,
        code=code,
        coupon=coupon,
        method="across",
        priority=1,
        starts=None,
        ends=None,
        reduction=Reduction_Rate(RateOff(rate=100_000, targets=[], rounding=HALF_UP_PER_CART)),
        extensions=[],
    )


def rejected(code):
    return RejectedCode(
        code=code,
        reason="discount_code_invalid",
        message="This code does not exist.",
        extensions=[],
    )


class Pricing(exports.Pricing):
    def price(self, ctx, cart):
        items = catalog.get([line.item for line in cart.lines])
        lines, unknown = [], []
        for line, item in zip(cart.lines, items):
            if item is None:
                unknown.append(line.id)
                continue
            lines.append(
                PricedLine(
                    line=line.id,
                    unit_price=item.price.minor,
                    tax_included=item.tax_included,
                    max_quantity=None,
                    extensions=[],
                )
            )
        log.write(log.Level.INFO, "priced", [("lines", str(len(cart.lines)))])
        return PricedCart(
            lines=lines,
            unknown=unknown,
            discounts=[ten_percent_off(code) for code in cart.codes if code == "TEN"],
            rejected=[rejected(code) for code in cart.codes if code != "TEN"],
            fees=[],
            messages=[],
            extensions=[],
        )


class Tax(exports.Tax):
    def assess(self, ctx, request):
        rates = [TaxRate(jurisdiction="DE", rate=190_000)]
        taxes = RatedTaxes(
            lines=[Rated(id=line.line, rates=rates, exempt=None) for line in request.lines],
            options=[Rated(id=option.id, rates=rates, exempt=None) for option in request.options],
            fees=[],
            rounding=HALF_UP_PER_CART,
        )
        return Assessment(taxes=Taxes_Rates(taxes), messages=[], extensions=[])
