-- What the front desk puts on record stays on record: signatures, changes of data, talks about
-- joining, who saw whose numbers. A card only gains: handed over, then stopped.

CREATE FUNCTION members_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM members_refuse(TG_ARGV[0], TG_ARGV[1]);
    RETURN NULL;
END $$;

CREATE TRIGGER members_accesslog_kept
    BEFORE UPDATE OR DELETE ON members_accesslog FOR EACH ROW
    EXECUTE FUNCTION members_kept('access_log_kept', '查看记录只能新增，不能修改或删除');
CREATE TRIGGER members_accesslog_no_truncate
    BEFORE TRUNCATE ON members_accesslog FOR EACH STATEMENT
    EXECUTE FUNCTION members_kept('access_log_kept', '查看记录只能新增，不能修改或删除');

CREATE TRIGGER members_detailschange_kept
    BEFORE UPDATE OR DELETE ON members_detailschange FOR EACH ROW
    EXECUTE FUNCTION members_kept('details_change_kept', '资料修改记录不能修改或删除');
CREATE TRIGGER members_detailschange_no_truncate
    BEFORE TRUNCATE ON members_detailschange FOR EACH STATEMENT
    EXECUTE FUNCTION members_kept('details_change_kept', '资料修改记录不能修改或删除');

CREATE TRIGGER members_jointalk_kept
    BEFORE UPDATE OR DELETE ON members_jointalk FOR EACH ROW
    EXECUTE FUNCTION members_kept('join_talk_kept', '入会征询记录不能修改或删除，请新记一次');
CREATE TRIGGER members_jointalk_no_truncate
    BEFORE TRUNCATE ON members_jointalk FOR EACH STATEMENT
    EXECUTE FUNCTION members_kept('join_talk_kept', '入会征询记录不能修改或删除，请新记一次');

-- Only the ciphertexts may change, when keys rotate; the digest tells whether they still say what
-- was signed.
CREATE FUNCTION members_signature_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND (NEW.id, NEW.patient_id, NEW.digest, NEW.signed_at, NEW.taken_by_id)
           IS NOT DISTINCT FROM
           (OLD.id, OLD.patient_id, OLD.digest, OLD.signed_at, OLD.taken_by_id) THEN
        RETURN NEW;
    END IF;
    PERFORM members_refuse('signature_kept', '电子签名不能修改或删除');
    RETURN NULL;
END $$;

CREATE TRIGGER members_signature_guard
    BEFORE UPDATE OR DELETE ON members_signature
    FOR EACH ROW EXECUTE FUNCTION members_signature_guard();
CREATE TRIGGER members_signature_no_truncate
    BEFORE TRUNCATE ON members_signature
    FOR EACH STATEMENT EXECUTE FUNCTION members_signature_guard();

CREATE TRIGGER members_membership_signature_kept
    BEFORE UPDATE ON members_membership FOR EACH ROW
    WHEN (old.signature_id IS DISTINCT FROM new.signature_id)
    EXECUTE FUNCTION members_kept('membership_signature_kept', '入会时的签名不能更换');

CREATE FUNCTION members_card_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND OLD.stopped_at IS NULL
       AND (NEW.id, NEW.membership_id, NEW.serial, NEW.number, NEW.made_at, NEW.made_by_id)
           IS NOT DISTINCT FROM
           (OLD.id, OLD.membership_id, OLD.serial, OLD.number, OLD.made_at, OLD.made_by_id)
       AND (OLD.given_at IS NULL
            OR (NEW.given_at, NEW.given_by_id)
               IS NOT DISTINCT FROM (OLD.given_at, OLD.given_by_id)) THEN
        RETURN NEW;
    END IF;
    PERFORM members_refuse('card_only_gains', '会员卡只能发放和停用一次，不能改回或删除');
    RETURN NULL;
END $$;

CREATE TRIGGER members_card_guard
    BEFORE UPDATE OR DELETE ON members_card
    FOR EACH ROW EXECUTE FUNCTION members_card_guard();
CREATE TRIGGER members_card_no_truncate
    BEFORE TRUNCATE ON members_card
    FOR EACH STATEMENT EXECUTE FUNCTION members_card_guard();

-- From the first day on a member has a live card (C21); looked at when the transaction ends, so
-- that a lost card can be stopped before the next one is made.
CREATE FUNCTION members_has_live_card() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    member bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM members_card
                    WHERE membership_id = member AND stopped_at IS NULL) THEN
        PERFORM members_refuse('member_has_live_card', '每位会员都须有一张有效的卡');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER members_membership_has_card
    AFTER INSERT ON members_membership DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION members_has_live_card('id');
CREATE CONSTRAINT TRIGGER members_card_stopped
    AFTER UPDATE ON members_card DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION members_has_live_card('membership_id');
