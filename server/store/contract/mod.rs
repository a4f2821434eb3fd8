//! What every engine promises, as tests: each function takes a [`Place`] and asserts one behaviour. An engine's
//! tests run them all through [`crate::contract_tests!`]. Built with the feature `contract` only.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these functions are tests")]

use std::sync::Arc;

use async_trait::async_trait;

use crate::Engine;

pub mod access;
pub mod annotations;
pub mod approvals;
pub mod arrivals;
pub mod audits;
pub mod correspondents;
pub mod custody;
pub mod disposal;
pub mod dkim;
pub mod domains;
pub mod drafts;
pub mod factor;
pub mod figures;
mod house;
pub mod incidents;
pub mod indexing;
pub mod labels;
pub mod lasting;
pub mod ledger;
pub mod left;
pub mod links;
pub mod mailboxes;
pub mod messages;
mod model;
pub mod notes;
pub mod outgoing;
pub mod pages;
pub mod passwords;
pub mod policies;
pub mod postings;
pub mod properties;
pub mod reviews;
pub mod sessions;
pub mod sharing;
pub mod sync;
pub mod texts;
pub mod variants;
pub mod waiting;

pub use house::House;

/// A place where data of one engine lies; empty when it is made, gone when it is dropped.
#[async_trait]
pub trait Place: Send + Sync {
    /// Opens an engine over the place. Called again only after the engine before was closed.
    async fn open(&self) -> Arc<dyn Engine>;
}

/// Makes a test of every promise; the argument is an expression that makes a [`Place`].
///
/// ```text
/// store::contract_tests!(TempPlace::new());
/// ```
#[macro_export]
macro_rules! contract_tests {
    ($place:expr) => {
        $crate::contract_tests!(@each $place;
            mailboxes::a_person_starts_with_six_mailboxes,
            mailboxes::a_name_is_kept_as_nfc_in_levels,
            mailboxes::bad_names_are_refused,
            mailboxes::inbox_is_one_mailbox_in_any_case,
            mailboxes::those_above_are_made_too,
            mailboxes::a_rename_takes_along_all_below,
            mailboxes::renaming_inbox_leaves_a_new_empty_inbox,
            mailboxes::a_mailbox_with_children_stays_as_a_name_when_deleted,
            mailboxes::a_name_made_again_has_a_greater_uid_validity,
            mailboxes::a_mailbox_for_a_use_is_the_only_one,
            mailboxes::a_subscription_lasts_until_it_is_taken_back,
            mailboxes::anothers_mailbox_does_not_exist,
            messages::uids_grow_and_are_never_used_again,
            messages::an_append_is_all_or_none,
            messages::what_was_put_in_comes_out,
            messages::store_adds_removes_and_replaces,
            messages::store_leaves_what_changed_since,
            messages::a_store_of_thousands_reaches_every_message,
            messages::a_replacement_happens_whole_or_not_at_all,
            messages::a_copy_keeps_flags_and_date,
            messages::what_comes_into_a_mailbox_is_saved_then,
            messages::a_move_leaves_nothing_behind,
            messages::expunge_takes_only_what_is_marked,
            messages::writers_at_once_share_no_uid,
            messages::a_large_mail_comes_out_whole,
            messages::a_mail_over_its_bound_is_refused,
            sync::changes_tell_what_came_changed_and_went,
            sync::what_came_and_went_in_between_is_not_told,
            sync::a_memory_of_what_went_that_has_ended_is_said_to_have,
            sync::recent_is_claimed_once,
            sync::keywords_in_use_are_listed,
            sync::an_event_follows_every_change,
            sync::a_reader_never_sees_a_uid_arrive_late,
            sync::sessions_that_follow_see_what_is_there,
            access::an_access_of_older_rights_is_refused,
            access::an_access_ends_with_its_holder,
            postings::one_record_serves_all_copies,
            postings::a_repeated_delivery_leaves_one_copy,
            postings::deliveries_at_once_leave_one_copy,
            postings::two_copies_for_one_recipient_are_one_delivery,
            postings::a_copy_shows_its_prefix_and_cuts,
            postings::a_copy_for_a_mailbox_that_is_gone_lands_in_inbox,
            postings::a_posting_with_a_fault_writes_nothing,
            postings::a_bad_posting_hurts_no_other,
            postings::a_decision_takes_effect_once,
            postings::a_late_decision_writes_nothing_else,
            approvals::an_approval_counts_once,
            approvals::a_deputy_sees_what_is_asked_of_whom_he_stands_in_for,
            approvals::a_deadline_asks_others_once,
            approvals::an_opening_is_kept_once,
            approvals::what_waits_is_held_once,
            postings::a_queue_row_is_claimed_by_one,
            postings::a_timer_is_claimed_by_one,
            outgoing::a_submission_reads_back_as_it_was_handed_in,
            outgoing::a_form_key_is_used_once,
            outgoing::a_review_ends_once,
            outgoing::an_unanswered_submission_waits,
            outgoing::attempts_move_a_row_on,
            outgoing::the_queue_obeys_the_hand,
            outgoing::timers_are_put_off_and_end_with_a_decision,
            notes::a_note_is_kept_with_its_parcel,
            notes::a_note_is_no_mail_of_its_own,
            notes::a_note_stands_under_the_key_of_its_mail,
            variants::a_parcel_remembers_what_is_done_at_its_release,
            variants::a_queue_row_carries_the_form_in_which_it_goes,
            variants::a_form_of_other_bytes_is_no_mail_of_its_own,
            variants::a_form_comes_with_its_posting_or_not_at_all,
            variants::a_queue_row_demands_its_way_and_stops_without_it,
            variants::what_was_seen_of_tls_is_remembered_by_domain,
            waiting::a_mail_waits_through_a_restart,
            waiting::a_draft_is_out_of_sight_until_it_comes_back,
            waiting::what_is_answered_is_marked_when_the_mail_goes,
            waiting::a_mail_goes_or_comes_back_once,
            pages::pages_show_every_message_once_newest_first,
            pages::a_page_begins_anywhere,
            pages::a_filtered_page_shows_those_it_is_for,
            pages::neighbours_are_the_messages_beside,
            pages::a_change_of_flags_is_undone_exactly,
            pages::a_move_is_undone_by_moving_back,
            pages::a_removal_takes_exactly_what_it_names,
            pages::a_removal_together_is_seen_whole_or_not_at_all,
            pages::anothers_mailbox_has_no_pages,
            drafts::a_draft_reads_back_as_it_was_saved,
            drafts::a_save_finds_the_version_that_it_expects,
            drafts::files_come_and_go_beside_the_text,
            drafts::a_draft_lies_in_drafts_once,
            drafts::a_draft_is_opened_from_its_copy_once,
            drafts::a_sent_draft_ends_with_its_submission,
            drafts::a_changed_draft_is_not_sent,
            drafts::anothers_draft_does_not_exist,
            annotations::annotations_read_back_as_they_were_set,
            annotations::changes_of_annotations_are_told_in_order,
            annotations::annotations_follow_their_mailbox,
            annotations::annotations_are_bounded_and_ones_own,
            arrivals::the_journal_reads_back_after_a_number,
            arrivals::what_came_in_reads_back_from_the_newest,
            arrivals::the_review_moves_on_once,
            arrivals::what_was_written_of_a_mail_is_found_by_it,
            arrivals::a_mark_changes_what_is_known_of_a_record,
            arrivals::what_came_in_is_told_with_its_tenant,
            arrivals::the_memory_of_deliveries_ends_after_its_time,
            texts::what_was_read_is_kept_beside_its_record,
            texts::texts_of_a_draft_lie_beside_its_copy,
            texts::texts_of_another_edition_are_absent,
            texts::texts_under_another_key_are_refused,
            indexing::records_are_told_in_their_order,
            indexing::an_index_has_a_key_of_its_own,
            indexing::trace_headers_are_found,
            indexing::what_drafts_left_is_no_mail,
            correspondents::who_was_written_to_is_known,
            correspondents::what_anybody_wrote_to_is_known_of_all,
            correspondents::correspondents_are_found_as_people_look_for_them,
            correspondents::a_refused_posting_makes_nobody_known,
            reviews::an_approver_sees_what_awaits_him,
            reviews::decided_mail_is_listed_in_pages,
            reviews::what_was_sent_is_listed_with_its_fates,
            reviews::the_open_queue_is_listed_in_pages,
            audits::both_logs_are_one_list,
            audits::the_log_is_filtered,
            audits::what_people_do_to_the_queue_is_in_the_log,
            audits::the_rules_have_a_history,
            links::a_link_reads_back_by_its_token,
            links::a_code_opens_once_and_for_ten_minutes,
            links::five_wrong_codes_lock_a_link,
            links::wrong_codes_and_codes_are_bounded_for_a_recipient,
            links::a_download_is_counted_once,
            links::a_link_is_stopped_extended_and_renewed,
            links::accesses_come_for_all_links_of_a_mail,
            incidents::an_incident_is_about_lines_of_the_ledger,
            incidents::versions_of_an_incident_are_kept,
            incidents::a_report_moves_on_once,
            incidents::reminders_of_incidents_are_noted_once,
            incidents::a_reminder_follows_from_the_text_and_the_state_that_are_there,
            links::files_come_back_as_often_as_is_allowed,
            links::a_request_for_files_is_listed_reminded_of_and_answered,
            figures::mail_to_the_outside_is_counted,
            figures::held_mail_is_counted_with_what_is_overdue,
            figures::what_is_known_of_a_partner_reads_back,
            ledger::a_line_comes_with_its_mail,
            ledger::acts_are_added_to_the_lines_of_their_mail,
            ledger::decisions_are_acts,
            ledger::what_its_deadline_lets_go_was_approved_by_nobody,
            ledger::the_ledger_is_searched_in_pages,
            ledger::documents_have_a_kind_and_an_end_of_their_period,
            ledger::where_a_mail_lies_is_known,
            ledger::a_number_is_counted_once,
            ledger::a_download_by_link_is_an_act,
            custody::a_mail_is_handed_over_with_all_its_copies,
            custody::nobody_sees_a_hand_over_half_done,
            custody::the_handlers_box_is_shared_with_nobody,
            disposal::two_people_dispose_of_a_mail,
            disposal::the_rule_of_a_company_disposes_of_what_rests,
            disposal::a_rule_leaves_what_an_incident_is_about,
            disposal::a_rule_takes_a_mail_when_all_its_lines_are_due_as_they_were_seen,
            disposal::nothing_is_left_of_what_was_disposed_of,
            disposal::nobody_sees_a_disposal_half_done,
            disposal::mail_under_way_is_not_disposed_of,
            disposal::links_and_forms_end_with_their_mail,
            left::what_a_draft_left_goes_with_its_mail,
            left::what_a_draft_left_goes_once_it_has_ended,
            left::what_drafts_of_a_mail_left_goes_with_it,
            left::what_a_draft_leaves_goes_when_its_mail_has_gone_before,
            left::what_drafts_of_a_drafts_copies_left_goes_too,
            left::a_draft_that_ends_with_a_hand_over_has_ended,
            disposal::what_was_written_about_a_mail_goes_with_it,
            labels::a_company_has_labels_of_its_own,
            labels::labels_are_changed_as_a_whole_or_not_at_all,
            domains::a_domain_is_one_in_both_of_its_spellings,
            domains::what_is_said_of_the_other_spelling_is_said_of_the_domain,
            policies::policies_that_are_changed_at_once_are_all_kept,
            policies::policies_are_changed_as_a_whole_or_not_at_all,
            passwords::a_company_has_agreed_passwords,
            dkim::keys_wait_sign_and_retire,
            dkim::keys_have_names_and_a_bound,
            passwords::agreed_passwords_have_names_and_a_bound,
            lasting::all_is_there_after_a_restart,
            lasting::bounds_of_a_person_are_kept,
            lasting::uids_are_not_used_again_after_a_restart,
            lasting::verify_finds_nothing_wrong_in_ordinary_data,
            lasting::what_was_recent_is_not_so_after_a_restart,
            factor::a_second_factor_is_kept_used_and_taken_away,
            factor::a_code_is_accepted_once_and_a_recovery_code_too,
            factor::mail_programs_have_passwords_of_their_own,
            factor::app_passwords_end_when_the_password_is_set_without_the_old_one,
            sessions::a_session_lasts_until_it_is_ended,
            sessions::sessions_end_by_person,
            sessions::sessions_are_bounded,
            sessions::a_sign_in_answers_the_one_before,
            sessions::settings_are_kept_and_change_no_rights,
            sharing::rights_are_kept_and_taken_away,
            sharing::a_mailbox_has_the_rights_of_the_one_above_from_the_start,
            sharing::what_somebody_sees_is_what_his_rights_say,
            sharing::each_reader_has_his_own_seen,
            sharing::what_a_reader_marks_is_told_since_any_modseq,
            sharing::flags_change_as_far_as_rights_go,
            sharing::copies_between_owners_bring_what_their_reader_sees,
            sharing::a_right_that_was_taken_away_is_refused_at_once,
            sharing::nothing_is_shared_beyond_the_company,
            sharing::a_company_has_mailboxes_of_its_own,
            properties::counters_and_views_agree_with_a_model,
        );
    };
    (@each $place:expr; $($module:ident :: $name:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::contract::$module::$name(&$place).await;
            }
        )*
    };
}
