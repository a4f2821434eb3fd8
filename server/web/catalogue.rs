//! The catalogue: every text for people stands in both languages side by side, and what is missing does not compile.

/// Defines the texts of one area as a struct with a method a text.
///
/// ```
/// web::catalogue! {
///     /// What the mailbox says.
///     pub struct MailboxWords {
///         empty: ja "メールはありません。", en "There is no mail.";
///         moved(n: usize): ja "{n}件を移動しました。", en "{n} messages moved.", one "One message moved.";
///         from_to(from: &str, to: &str): ja "{from}から{to}へ", en "from {from} to {to}";
///     }
/// }
/// let t = MailboxWords::new(web::Language::Ja);
/// assert_eq!(t.empty(), "メールはありません。");
/// assert_eq!(t.moved(3), "3件を移動しました。");
/// assert_eq!(MailboxWords::new(web::Language::En).moved(1), "One message moved.");
/// ```
/// `one` is the English text when the first argument is 1. A text without English, or a call of a text that is not
/// there, fails the build:
/// ```compile_fail
/// web::catalogue! { /// x
/// pub struct W { hello: ja "こんにちは"; } }
/// ```
/// ```compile_fail
/// web::catalogue! { /// x
/// pub struct W { hello: ja "こんにちは", en "Hello"; } }
/// W::new(web::Language::Ja).good_bye();
/// ```
#[macro_export]
macro_rules! catalogue {
    ($(#[$doc:meta])* pub struct $name:ident { $($body:tt)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name { language: $crate::Language }
        #[allow(missing_docs, clippy::must_use_candidate, reason = "a text is its own documentation")]
        impl $name {
            /// The texts in this language.
            #[must_use]
            pub fn new(language: $crate::Language) -> Self { Self { language } }
            $crate::catalogue!(@each $($body)*);
        }
    };
    (@each) => {};
    (@each $key:ident: ja $ja:literal, en $en:literal; $($rest:tt)*) => {
        pub fn $key(&self) -> &'static str {
            match self.language { $crate::Language::Ja => $ja, $crate::Language::En => $en }
        }
        $crate::catalogue!(@each $($rest)*);
    };
    (@each $key:ident($first:ident: $type:ty): ja $ja:literal, en $en:literal, one $one:literal; $($rest:tt)*) => {
        pub fn $key(&self, $first: $type) -> String {
            match self.language {
                $crate::Language::Ja => format!($ja),
                $crate::Language::En if $first == 1 => format!($one),
                $crate::Language::En => format!($en),
            }
        }
        $crate::catalogue!(@each $($rest)*);
    };
    (@each $key:ident($($arg:ident: $type:ty),+): ja $ja:literal, en $en:literal; $($rest:tt)*) => {
        pub fn $key(&self, $($arg: $type),+) -> String {
            match self.language { $crate::Language::Ja => format!($ja), $crate::Language::En => format!($en) }
        }
        $crate::catalogue!(@each $($rest)*);
    };
}
