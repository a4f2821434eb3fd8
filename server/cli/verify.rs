//! `sekisho verify`: reads everything back.

use super::desk::Desk;

/// Prints what was read and what is wrong; an error when something stays wrong.
pub async fn run(desk: &Desk, repair: bool) -> anyhow::Result<()> {
    let report = desk.store().verify(&desk.auth().console().server(), repair).await?;
    println!(
        "{} records ({} bytes), {} messages, {} journal entries read.",
        report.records, report.bytes, report.messages, report.journal
    );
    for damage in &report.damage {
        println!("{}: {}{}", damage.place, damage.what, if damage.repaired { " (repaired)" } else { "" });
    }
    let differences = super::indexing::compare(desk).await?;
    let left = report.damage.iter().filter(|damage| !damage.repaired).count();
    anyhow::ensure!(left == 0, "{left} things are damaged");
    anyhow::ensure!(differences == 0, "{differences} things differ in the index; sekisho reindex makes it anew");
    println!("All is well.");
    Ok(())
}
