// A shop in JavaScript: catalog prices, a coupon of ten percent, and one rate of tax.

import { get } from "tillhouse:host/catalog@0.2.0";
import { write } from "tillhouse:host/log@0.2.0";

const HALF_UP_PER_CART = { mode: "half-up", scope: "cart" };

function coupon(code) {
    const terms = { tag: "rate", val: 100_000 };
    return {
        id: code,
        code,
        coupon: { id: "ten", name: "10 % off", terms, extensions: [] },
        method: "across",
        priority: 1,
        reduction: { tag: "rate", val: { rate: 100_000, targets: [], rounding: HALF_UP_PER_CART } },
        extensions: [],
    };
}

function rejected(code) {
    return { code, reason: "discount_code_invalid", message: "This code does not exist.", extensions: [] };
}

export const pricing = {
    price(ctx, cart) {
        const items = get(cart.lines.map((line) => line.item));
        const priced = { lines: [], unknown: [], discounts: [], rejected: [], fees: [], messages: [], extensions: [] };
        cart.lines.forEach((line, index) => {
            const item = items[index];
            if (item === undefined) {
                priced.unknown.push(line.id);
                return;
            }
            priced.lines.push({
                line: line.id,
                unitPrice: item.price.minor,
                taxIncluded: item.taxIncluded,
                extensions: [],
            });
        });
        for (const code of cart.codes) {
            if (code === "TEN") {
                priced.discounts.push(coupon(code));
            } else {
                priced.rejected.push(rejected(code));
            }
        }
        write("info", "priced", [["lines", String(cart.lines.length)]]);
        return priced;
    },
};

export const tax = {
    assess(ctx, request) {
        const rates = [{ jurisdiction: "DE", rate: 190_000 }];
        const taxes = {
            lines: request.lines.map((line) => ({ id: line.line, rates })),
            options: request.options.map((option) => ({ id: option.id, rates })),
            fees: [],
            rounding: HALF_UP_PER_CART,
        };
        return { taxes: { tag: "rates", val: taxes }, messages: [], extensions: [] };
    },
};
