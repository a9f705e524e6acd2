//! Products that both a checkout and Stripe take.

const HEADER: &str = "id,title,description,link,image_link,availability,price,inventory_quantity,brand,mpn,condition,google_product_category,shipping\n";

/// A file with a cup, a mug and a pot at these prices, as far as there are prices.
pub(crate) fn catalog(prices: &[&str]) -> String {
    let rows = ["cup", "mug", "pot"].iter().zip(prices).map(|(id, price)| {
        format!(
            "{id},{id},A {id},https://shop.example/{id},https://shop.example/{id}.png,in_stock,{price} USD,9,Acme,M-{id},new,\
             Home & Garden,US:ALL:Standard:3-5:4.99 USD\n"
        )
    });
    rows.fold(HEADER.to_owned(), |all, row| all + &row)
}
