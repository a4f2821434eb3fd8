//! Rows of a table out of lines with cells: cells that stand below each other are given the same column, so that a
//! heading stands over its numbers even where cells are empty.

use crate::CELL;

/// Rows that are put into columns together; longer tables are cut.
const ROWS: usize = 400;
/// Columns of a table.
const COLUMNS: usize = 100;

/// A cell and how far it reaches along the line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    pub from: f64,
    pub to: f64,
    pub text: String,
}

/// A line as cells from the left.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row(pub Vec<Cell>);

/// A column: how far its cells reach.
#[derive(Debug, Clone, Copy)]
struct Column {
    from: f64,
    to: f64,
}

impl Column {
    fn shares(self, cell: &Cell) -> f64 {
        self.to.min(cell.to) - self.from.max(cell.from)
    }
}

/// The rows as text, a line each.
pub(super) fn text(rows: &[Row]) -> String {
    let mut out = String::new();
    let mut rest = rows;
    while let Some(row) = rest.first() {
        let length = table(rest);
        if length < 2 {
            line(&row.0.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>(), &mut out);
            rest = rest.get(1..).unwrap_or_default();
        } else {
            let (block, after) = rest.split_at(length);
            let columns = columns(block);
            block.iter().for_each(|row| line(&placed(row, &columns), &mut out));
            rest = after;
        }
    }
    out
}

fn line(cells: &[String], out: &mut String) {
    let end = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
    out.push_str(&cells.get(..end).unwrap_or_default().join(&CELL.to_string()));
    out.push('\n');
}

/// How many of the rows from the first on are one table: all have cells, but for a single one now and then that
/// stands in one column.
fn table(rows: &[Row]) -> usize {
    let many = |row: &Row| row.0.len() > 1;
    let mut length = 0;
    for (at, row) in rows.iter().enumerate().take(ROWS) {
        let lone = at > 0 && !many(row) && rows.get(at + 1).is_some_and(many) && {
            let above = rows.get(at - 1).map(|row| row.0.as_slice()).unwrap_or_default();
            let shared =
                |cell: &Cell| above.iter().filter(|other| other.from < cell.to && cell.from < other.to).count();
            many_cells(above) && row.0.first().is_some_and(|cell| shared(cell) <= 1)
        };
        if !many(row) && !lone {
            break;
        }
        length = at + 1;
    }
    length
}

fn many_cells(cells: &[Cell]) -> bool {
    cells.len() > 1
}

/// The columns: those of the fullest row, widened by what stands below and above, and those that only others have.
fn columns(rows: &[Row]) -> Vec<Column> {
    let mut order: Vec<&Row> = rows.iter().collect();
    order.sort_by_key(|row| std::cmp::Reverse(row.0.len()));
    let mut columns: Vec<Column> = Vec::new();
    for cell in order.iter().flat_map(|row| &row.0) {
        let mut shared = columns.iter_mut().filter(|column| column.shares(cell) > 0.0);
        match (shared.next(), shared.next()) {
            (Some(one), None) => {
                one.from = one.from.min(cell.from);
                one.to = one.to.max(cell.to);
                continue;
            }
            (Some(_), Some(_)) => continue,
            (None, _) => {}
        }
        if columns.len() < COLUMNS {
            columns.push(Column { from: cell.from, to: cell.to });
        }
    }
    columns.sort_by(|one, other| one.from.total_cmp(&other.from));
    columns
}

/// The texts of a row by column; a cell over several stands in the first of them.
fn placed(row: &Row, columns: &[Column]) -> Vec<String> {
    let mut out = vec![String::new(); columns.len().max(1)];
    let mut least = 0;
    for cell in &row.0 {
        let shares = |at: usize| columns.get(at).map_or(f64::MIN, |column| column.shares(cell));
        let spans = (least..columns.len()).filter(|&at| shares(at) > 0.0).count() > 1;
        let first = (least..columns.len()).find(|&at| shares(at) > 0.0);
        let most = (least..columns.len()).max_by(|&one, &other| shares(one).total_cmp(&shares(other)));
        let wide = |at: usize| columns.get(at).is_some_and(|column| cell.to > column.to);
        let at = match first {
            Some(first) if spans && wide(first) => first,
            _ => most.unwrap_or(least),
        };
        if let Some(slot) = out.get_mut(at.min(columns.len().saturating_sub(1))) {
            if !slot.is_empty() {
                slot.push(' ');
            }
            slot.push_str(&cell.text);
        }
        least = at;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[(f64, f64, &str)]) -> Row {
        Row(cells.iter().map(|&(from, to, text)| Cell { from, to, text: text.to_owned() }).collect())
    }

    fn read(rows: &[Row]) -> String {
        text(rows).replace(CELL, "|")
    }

    #[test]
    fn an_empty_cell_keeps_its_column() {
        let rows = [
            row(&[(0.0, 40.0, "氏名"), (100.0, 140.0, "部署"), (200.0, 280.0, "個人番号")]),
            row(&[(0.0, 30.0, "山田"), (210.0, 270.0, "123456789018")]),
            row(&[(0.0, 30.0, "佐藤"), (100.0, 150.0, "総務"), (200.0, 260.0, "2")]),
        ];
        assert_eq!(read(&rows), "氏名|部署|個人番号\n山田||123456789018\n佐藤|総務|2\n");
    }

    #[test]
    fn a_heading_over_two_columns_stands_in_the_first() {
        let rows = [
            row(&[(0.0, 40.0, "a"), (90.0, 210.0, "over two"), (300.0, 340.0, "d")]),
            row(&[(0.0, 40.0, "1"), (90.0, 140.0, "2"), (160.0, 210.0, "3"), (300.0, 340.0, "4")]),
        ];
        assert_eq!(read(&rows), "a|over two||d\n1|2|3|4\n");
    }

    #[test]
    fn running_text_stays_as_it_is() {
        let rows =
            [row(&[(0.0, 400.0, "text")]), row(&[(0.0, 40.0, "a"), (100.0, 140.0, "b")]), row(&[(0.0, 9.0, "c")])];
        assert_eq!(read(&rows), "text\na|b\nc\n");
    }
}
