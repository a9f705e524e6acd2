use super::*;
use crate::tests::components::{EMPTY_ANSWER, pricing};

#[tokio::test]
async fn a_component_compiles_while_one_of_the_largest_size_still_does() {
    let settings = EngineSettings {
        max_instances: 1,
        ..EngineSettings::default()
    };
    let cache = SharedEngine::new(&settings).unwrap().0;
    let workers = Workers::start(1).unwrap();
    // As a component of the largest size that compiles for long.
    let largest = cache
        .compile_budget
        .acquire_many(compile_units(cache.limit))
        .await
        .unwrap();
    cache.load(&workers, pricing(EMPTY_ANSWER)).await.unwrap();
    let second = cache
        .compile_budget
        .try_acquire_many(compile_units(cache.limit))
        .unwrap();
    assert!(
        cache.compile_budget.try_acquire().is_err(),
        "and no more than two of them at a time"
    );
    drop((largest, second));
}
