//! What the pages' answers may not hold, seen without a browser: inline script or style, handlers in attributes, a
//! number that is not masked. All pages that links lead to, for people of every role.

use super::company::Company;

const WEB: &str = include_str!("web.py");
const WALK: &str = include_str!("responses.py");

#[test]
fn no_answer_holds_inline_script_or_style_or_a_number_that_is_not_masked() {
    let company = Company::start();
    print!("{}", company.demo.python(&format!("{WEB}\n{WALK}")));
}
