//! Transformations of the plane (ISO 32000-1, 8.3.4).

use super::object::Object;

/// `[a b c d e f]`: x' = ax + cy + e, y' = bx + dy + f.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Matrix(pub [f64; 6]);

impl Matrix {
    pub const ONE: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// The six numbers of an array; nothing else is a matrix.
    pub fn read(items: &[Object]) -> Option<Self> {
        let numbers: Vec<f64> = items.iter().filter_map(Object::number).filter(|number| number.is_finite()).collect();
        numbers.try_into().ok().map(Self)
    }

    pub const fn shift(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// First this one, then `next`.
    pub fn then(self, next: Self) -> Self {
        let ([a, b, c, d, e, f], [p, q, r, s, t, u]) = (self.0, next.0);
        Self([a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u])
    }

    /// Where a point goes.
    pub fn point(self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    /// How much larger an area becomes.
    pub fn area(self) -> f64 {
        let [a, b, c, d, ..] = self.0;
        (a * d - b * c).abs()
    }
}

/// A rectangle, its lower left corner first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub left: f64,
    pub bottom: f64,
    pub right: f64,
    pub top: f64,
}

impl Rect {
    /// The four numbers of an array, whatever their order.
    pub fn read(items: &[Object]) -> Option<Self> {
        let numbers: Vec<f64> = items.iter().filter_map(Object::number).filter(|number| number.is_finite()).collect();
        let [a, b, c, d] = numbers.try_into().ok()?;
        Some(Self { left: a.min(c), bottom: b.min(d), right: a.max(c), top: b.max(d) })
    }

    pub fn width(self) -> f64 {
        self.right - self.left
    }

    pub fn height(self) -> f64 {
        self.top - self.bottom
    }

    /// The rectangle around this one after a transformation.
    pub fn through(self, matrix: Matrix) -> Self {
        let corners =
            [(self.left, self.bottom), (self.left, self.top), (self.right, self.bottom), (self.right, self.top)]
                .map(|(x, y)| matrix.point(x, y));
        let least = |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        Self { left: least(|p| p.0), bottom: least(|p| p.1), right: most(|p| p.0), top: most(|p| p.1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_after_the_other() {
        let turned = Matrix([0.0, 1.0, -1.0, 0.0, 0.0, 0.0]);
        assert_eq!(Matrix::shift(2.0, 0.0).then(turned).point(1.0, 0.0), (0.0, 3.0));
        assert_eq!(Matrix([2.0, 0.0, 0.0, 3.0, 9.0, 9.0]).area(), 6.0);
        let rect = Rect { left: 0.0, bottom: 0.0, right: 2.0, top: 1.0 }.through(turned);
        assert_eq!((rect.left, rect.top, rect.width()), (-1.0, 2.0, 1.0));
    }
}
