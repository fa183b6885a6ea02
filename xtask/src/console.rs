//! Colours and progress lines. Colour is left out when the output is not a terminal or `NO_COLOR` is set.

use std::io::IsTerminal;

/// The foreground colours in use, by their SGR number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
    Magenta = 35,
    Cyan = 36,
}

/// `text` in a colour, or as it is.
pub(crate) fn paint(colour: Colour, text: &str) -> String {
    let wanted = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    if wanted { format!("\x1b[{}m{text}\x1b[0m", colour as u8) } else { text.to_owned() }
}

/// Says what is being done now.
pub(crate) fn progress(text: &str) {
    println!("{} {text}", paint(Colour::Cyan, "==>"));
}
