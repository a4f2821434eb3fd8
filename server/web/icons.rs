//! The icons: paths on a field of 24 by 24, drawn with a line.

/// The path of an icon; of an unknown name none, so that a template's mistake shows as an empty place.
#[must_use]
pub fn icon_path(name: &str) -> &'static str {
    ICONS.iter().find(|(known, _)| *known == name).map_or("", |(_, path)| path)
}

const ICONS: &[(&str, &str)] = &[
    ("inbox", "M4 13l3-8h10l3 8v6H4zM4 13h5l1 3h4l1-3h5"),
    ("star", "M12 4l2.5 5.2 5.5.8-4 4 .9 5.7L12 17l-4.9 2.7.9-5.7-4-4 5.5-.8z"),
    ("send", "M4 12l16-8-5 16-4-7zM11 13l9-9"),
    ("clock", "M12 4a8 8 0 100 16 8 8 0 000-16zM12 8v4l3 2"),
    ("draft", "M5 19h4L19 9l-4-4L5 15zM13 7l4 4"),
    ("trash", "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13M10 11v5M14 11v5"),
    ("archive", "M4 5h16v4H4zM6 9v10h12V9M10 13h4"),
    ("spam", "M8 4h8l4 4v8l-4 4H8l-4-4V8zM12 8v5M12 16v.1"),
    ("folder", "M4 6h6l2 2h8v11H4z"),
    ("search", "M11 5a6 6 0 100 12 6 6 0 000-12zM20 20l-4.5-4.5"),
    ("compose", "M12 5v14M5 12h14"),
    ("reply", "M10 7l-6 5 6 5M4 12h10c4 0 6 2 6 6"),
    ("reply-all", "M7 7l-5 5 5 5M12 7l-5 5 5 5M7 12h8c4 0 6 2 6 6"),
    ("forward", "M14 7l6 5-6 5M20 12H10c-4 0-6 2-6 6"),
    ("attach", "M19 11l-7 7a4 4 0 01-6-6l8-8a3 3 0 014 4l-8 8a1 1 0 01-2-2l7-7"),
    ("approve", "M4 12l5 5L20 6"),
    ("reject", "M6 6l12 12M18 6L6 18"),
    ("hold", "M9 5v14M15 5v14"),
    (
        "settings",
        "M12 9a3 3 0 100 6 3 3 0 000-6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M5.6 18.4l2.2-2.2M16.2 7.8l2.2-2.2",
    ),
    ("security", "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2 2 4-4"),
    (
        "users",
        "M9 5a3 3 0 100 6 3 3 0 000-6zM3 19c0-4 2.5-6 6-6s6 2 6 6M16 5.5a3 3 0 010 5.500M17.500 13.500c2.500.7 3.500 2.500 3.500 5.500",
    ),
    ("domain", "M12 4a8 8 0 100 16 8 8 0 000-16zM4 12h16M12 4c3 3 3 13 0 16M12 4c-3 3-3 13 0 16"),
    ("rules", "M5 6h14M5 12h14M5 18h8"),
    ("queue", "M4 7h16M4 12h16M4 17h10M18 15l3 2-3 2"),
    ("audit", "M6 3h9l4 4v14H6zM14 3v5h5M9 12h6M9 16h6"),
    ("dashboard", "M4 4h7v7H4zM13 4h7v4h-7zM13 10h7v10h-7zM4 13h7v7H4z"),
    ("menu", "M4 7h16M4 12h16M4 17h16"),
    ("more", "M6 12v.1M12 12v.1M18 12v.1"),
    ("keyboard", "M3 6h18v12H3zM7 10v.1M11 10v.1M15 10v.1M8 14h8"),
    ("down", "M6 9l6 6 6-6"),
    ("up", "M6 15l6-6 6 6"),
    ("refresh", "M19 8a8 8 0 10.500 7M19 4v4h-4"),
    ("back", "M15 5l-7 7 7 7"),
    ("warning", "M12 4l9 16H3zM12 10v5M12 17.500v.1"),
    ("lock", "M6 11h12v9H6zM9 11V8a3 3 0 016 0v3"),
    ("print", "M7 9V4h10v5M5 9h14v7h-3M8 16H5V9M8 14h8v6H8z"),
    ("download", "M12 4v11M7 11l5 5 5-5M5 20h14"),
    ("image", "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9v.1"),
    ("refresh", "M19 12a7 7 0 11-2-5M17 3v4h-4"),
    ("read", "M4 9l8-5 8 5v10H4zM4 9l8 6 8-6"),
    ("unread", "M4 6h16v12H4zM4 7l8 6 8-6"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icons_hold_nothing_but_paths() {
        let allowed = |c: char| c.is_ascii_digit() || "MmLlHhVvCcSsQqTtAaZz .,-".contains(c);
        for (name, path) in ICONS {
            assert!(path.chars().all(allowed), "{name}");
        }
        assert_eq!(icon_path("no such icon"), "");
    }
}
