//! Looks that go on after their sender was answered: the review that finishes in the background takes them up, so that
//! no attachment is read twice for it. After a restart they are begun anew.

use std::sync::{Mutex, PoisonError};

use inspect::Look;
use types::Reference;

/// So many are remembered; what is beyond ends unheard and is looked at again.
const MOST: usize = 64;

/// Looks by the reference of their submission, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Looks(Mutex<Vec<(Reference, Look)>>);

impl Looks {
    /// Leaves a look for whoever finishes the review.
    pub fn leave(&self, reference: Reference, look: Look) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.len() >= MOST {
            looks.remove(0);
        }
        looks.push((reference, look));
    }

    /// Takes a look up.
    pub fn take(&self, reference: Reference) -> Option<Look> {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = looks.iter().position(|(of, _)| *of == reference)?;
        Some(looks.remove(at).1)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use inspect::extract::Kept;
    use inspect::{Inspector, Looked, Texts};
    use types::Limits;

    use super::*;

    fn reference(n: usize) -> Reference {
        Reference::from_random([u8::try_from(n).unwrap_or_default(), 0, 0, 0, 1])
    }

    #[tokio::test]
    async fn a_look_is_taken_up_once_and_the_oldest_are_forgotten() {
        let inspector = Inspector::new(Arc::new(Limits::default()), Texts::Here);
        let looks = Looks::default();
        for n in 0..=MOST {
            looks.leave(reference(n), inspector.begin(b"Subject: x\r\n\r\n", Kept::default()));
        }
        assert!(looks.take(reference(0)).is_none());
        let look = looks.take(reference(1));
        assert!(looks.take(reference(1)).is_none());
        let Some(look) = look else { panic!("the look is forgotten") };
        assert!(matches!(look.end().await, Looked::Seen(_)));
    }
}
