-- The application's role, which owns nothing: what it may not do, no fault of ours and no stolen
-- password of the application does. Run once as the owner, after `migrate` and after each upgrade:
--   psql --dbname=DATABASE --set=app_role=membership_app --file=deploy/roles.sql
-- then give the role a password and its DATABASE_URL to the web service; migrations, `check_books`
-- and `rotate_keys`, which renews the ciphertexts of histories and signatures, go on under the owner.

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', :'app_role')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'app_role') \gexec

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"app_role";
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM :"app_role";
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO :"app_role";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"app_role";

-- No migration, no right or content type but by the owner.
REVOKE INSERT ON django_migrations, django_content_type, auth_permission FROM :"app_role";

-- Rows that live: people and their rights, log-ins, drafts of the rules.
GRANT UPDATE, DELETE ON
    django_session, axes_accessattempt, axes_accessfailurelog, axes_accesslog,
    auth_group, auth_group_permissions, staff_user_groups,
    scheme_scheme, scheme_tierrule, scheme_tierbenefit, scheme_catalogueitem, scheme_giftband,
    scheme_item, staff_importchunk, members_searchkey
    TO :"app_role";
GRANT UPDATE ON
    staff_user, staff_department, staff_doctor, staff_designation, staff_apitoken,
    members_patient, members_membership
    TO :"app_role";

-- Facts: new rows only. Receipts and accounts are moved by the ledger's triggers, and a row is
-- locked before it is refunded, so UPDATE is granted on what these touch; a direct statement is
-- stopped by the triggers, which this role can neither drop nor disable.
GRANT UPDATE (refunded_amount, voided) ON points_receipt TO :"app_role";
GRANT UPDATE (voided) ON points_refund TO :"app_role";
GRANT UPDATE (last_seq, cumulative, available, closed) ON points_pointsaccount TO :"app_role";
GRANT UPDATE (decided_by_id, decided_at, decision, sentence,
              withdrawn_by_id, withdrawn_at, withdrawn_reason) ON staff_approval TO :"app_role";
GRANT UPDATE (state, saved_by_id, finished_at, new, changed, same, refused, total) ON staff_import
    TO :"app_role";
GRANT UPDATE (decision, decided_at, restated_by_id) ON points_tierreview TO :"app_role";
GRANT UPDATE (withdrawn_by_id, restated_by_id) ON points_tierreached TO :"app_role";
GRANT UPDATE (rejected) ON points_legacybalance TO :"app_role";
GRANT UPDATE (decision) ON points_legacyconfirmation TO :"app_role";
GRANT UPDATE (undo_reason, undo_approval_id, merged_at, undone_at) ON members_filemerge
    TO :"app_role";
GRANT UPDATE (given_at, given_by_id, stopped_at, stopped_by_id, stopped_reason, document_shown)
    ON members_card TO :"app_role";
GRANT UPDATE (left_at, left_reason, left_by_id) ON members_householdperson TO :"app_role";
GRANT UPDATE (voided) ON rewards_issue, rewards_claim, rewards_redemption TO :"app_role";
GRANT UPDATE (voided, settlement_id) ON rewards_use TO :"app_role";
GRANT UPDATE (decision) ON rewards_giftchange TO :"app_role";
GRANT UPDATE (total, done, last_file, counts, result, finished_at) ON rewards_simulation
    TO :"app_role";
