//! The commands and answers of Stripe's guide about feeds, as it prints them: a host that speaks to the simulator so speaks to Stripe as
//! it is documented (<https://docs.stripe.com/agentic-commerce/for-sellers/custom>). Only host, key and ids are replaced.

mod curl;

use serde_json::Value;
use tillhouse_sandbox::Sandbox;
use tillhouse_sandbox::stripe::feeds::EventDestination;

use self::curl::Curl;
use crate::client::sandbox;

/// One row is good, the other has a price that is not one.
const FEED: &str = "id,title,description,link,image_link,availability,inventory_quantity,price\n\
    mug,Mug,A mug,https://shop.example/mug,https://shop.example/mug.png,in_stock,5,15.00 USD\n\
    cup,Cup,\"A cup,\nblue\",https://shop.example/cup,https://shop.example/cup.png,in_stock,5,15 dollars\n";

async fn run(sandbox: &Sandbox, command: &str, replaced: &[(&str, &str)]) -> String {
    let key = ("<<YOUR_SECRET_KEY>>", sandbox.stripe.secret_key().reveal());
    let replaced = [&[key], replaced].concat();
    let (status, body) = Curl::read(command, &sandbox.stripe.url(), &replaced, FEED).send().await;
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert_eq!(status, 200, "{body}");
    body
}

async fn answer(sandbox: &Sandbox, command: &str, replaced: &[(&str, &str)]) -> Value {
    serde_json::from_str(&run(sandbox, command, replaced).await).unwrap()
}

/// Whether `answer` has every member of `sample`, with values of the same types.
fn assert_shape(sample: &Value, answer: &Value, place: &str) {
    match (sample, answer) {
        (Value::Object(sample), Value::Object(answer)) => {
            for (name, sample) in sample {
                let place = format!("{place}.{name}");
                let answer = answer.get(name).unwrap_or_else(|| panic!("{place} is missing"));
                assert_shape(sample, answer, &place);
            }
        }
        _ => assert_eq!(
            std::mem::discriminant(sample),
            std::mem::discriminant(answer),
            "{place}: {answer}"
        ),
    }
}

fn sample(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn the_commands_of_the_guide_upload_a_feed_and_show_what_failed() {
    let sandbox = sandbox().await;
    let destination = EventDestination {
        url: format!("{}/webhooks/stripe", sandbox.receiver.url()),
        secret: "whsec_events".into(),
    };
    sandbox.stripe.send_events_to(destination);
    let file = answer(&sandbox, include_str!("stripe_guide/upload.sh"), &[]).await;
    assert_eq!((&file["object"], &file["type"]), (&"file".into(), &"csv".into()));
    let file_id = ("{{FILE_ID}}", file["id"].as_str().unwrap());
    let begun = answer(&sandbox, include_str!("stripe_guide/import.sh"), &[file_id]).await;
    let import_id = ("{{IMPORT_SET_ID}}", begun["id"].as_str().unwrap());
    sandbox.stripe.imports_settled(1).await;

    let status = answer(&sandbox, include_str!("stripe_guide/status.sh"), &[import_id]).await;
    let guide = sample(include_str!("stripe_guide/status.json"));
    assert_shape(&guide, &status, "status");
    assert_eq!(
        (&status["object"], &status["status"]),
        (&guide["object"], &guide["status"])
    );
    let errors = (
        "{{ERROR_FILE_ID}}",
        status["result"]["errors"]["file"].as_str().unwrap(),
    );
    let report = run(&sandbox, include_str!("stripe_guide/errors.sh"), &[errors]).await;
    let header = FEED.lines().next().unwrap();
    assert!(
        report.starts_with(&format!("stripe_error_message,{header}\n")),
        "{report}"
    );
    assert!(
        report.contains(",cup,Cup,\"A cup,\nblue\",") && !report.contains("mug"),
        "{report}"
    );

    let [sent] = sandbox.stripe.sent_events().try_into().unwrap();
    let event: Value = sample(&sent.body);
    let guide = sample(include_str!("stripe_guide/event.json"));
    assert_shape(&guide, &event, "event");
    assert_eq!(
        (&event["type"], &event["data"]["object"]["status"]),
        (&guide["type"], &guide["data"]["object"]["status"])
    );
    let digits = |time: &Value| time.to_string().len();
    for place in ["/created", "/data/object/created"] {
        let (guide, event) = (guide.pointer(place).unwrap(), event.pointer(place).unwrap());
        assert_eq!(
            digits(guide),
            digits(event),
            "{place}: seconds or milliseconds as in the guide"
        );
    }
}
