//! What a server is allowed to do and may lose data with one day: worth a warning, at the start and by `doctor`.

use tokio_postgres::Client;

use tillhouse_checkout::ports::StoreWeakness;

const FIND: &str = "SELECT current_setting('data_checksums', true) IS DISTINCT FROM 'on', \
     coalesce(current_setting('synchronous_standby_names', true), '') = '' AND EXISTS (SELECT 1 FROM pg_stat_replication)";

/// What is weak about this server. A database that only speaks PostgreSQL's protocol may know none of this, and is not judged.
pub(super) async fn find(client: &Client) -> Vec<StoreWeakness> {
    let Ok(row) = client.query_one(FIND, &[]).await else {
        return Vec::new();
    };
    let weaknesses = [
        (
            row.get(0),
            "PostgreSQL has data_checksums = off: a damaged page is not noticed",
            "stop the server and run pg_checksums --enable",
        ),
        (
            row.get(1),
            "PostgreSQL has standbys and no synchronous_standby_names: a fail-over may lose confirmed payments",
            "name a standby in synchronous_standby_names",
        ),
    ];
    weaknesses
        .into_iter()
        .filter(|(is_found, ..)| *is_found)
        .map(|(_, finding, remedy)| StoreWeakness {
            finding: finding.to_owned(),
            remedy: remedy.to_owned(),
        })
        .collect()
}
