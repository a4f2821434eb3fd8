//! Mails as Outlook keeps them: files `.msg` (MS-OXMSG), and the winmail.dat that Exchange sends (TNEF, MS-OXTNEF).
//! Both are properties of MAPI, whose meaning is in [`mapi`].

mod lzfu;
mod mapi;
pub(crate) mod msg;
pub(crate) mod tnef;
