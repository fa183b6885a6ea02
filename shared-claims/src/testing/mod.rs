//! For the tests of services that are protected by our tokens: an issuer in the same process, and the tokens that every
//! such service must refuse. Not for production: the keys live as long as the test.

mod forgeries;
mod issuer;
mod token;

pub use self::{
    forgeries::{Forgery, forgeries},
    issuer::TestIssuer,
    token::TokenBuilder,
};
