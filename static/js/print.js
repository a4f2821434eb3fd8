// The print page prints itself once its frame is there.
addEventListener('load', () => print());
