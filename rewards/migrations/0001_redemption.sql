-- Points spent and given back: every redemption has its entry in the ledger, and only that one.

CREATE FUNCTION rewards_redemption_start() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.voided := false;
    NEW.number := 'DH' || lpad(NEW.id::text, 8, '0');
    NEW.reference := 'redemption:' || NEW.id;
    RETURN NEW;
END $$;
CREATE TRIGGER rewards_redemption_start BEFORE INSERT ON rewards_redemption
    FOR EACH ROW EXECUTE FUNCTION rewards_redemption_start();

-- Points come back only for what was not used and not handed over.
CREATE FUNCTION rewards_redemption_cancelled() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bought text := 'redemption:' || NEW.redemption_id;
BEGIN
    NEW.reference := 'redemption_cancel:' || NEW.redemption_id;
    UPDATE rewards_redemption SET voided = true WHERE id = NEW.redemption_id AND NOT voided;
    IF NOT FOUND THEN
        PERFORM rewards_refuse('redemption_cancelled_once', '这次兑换已经取消');
    END IF;
    IF EXISTS (SELECT FROM rewards_issue WHERE period = bought AND NOT voided)
       OR EXISTS (SELECT FROM rewards_use WHERE period = bought AND NOT voided)
       OR EXISTS (SELECT FROM rewards_claim WHERE period = bought AND NOT voided) THEN
        PERFORM rewards_refuse('redemption_cancelled_before_use',
                               '兑换的项目已经领取或使用，不能取消');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rewards_redemption_cancelled BEFORE INSERT ON rewards_redemptioncancel
    FOR EACH ROW EXECUTE FUNCTION rewards_redemption_cancelled();

-- The fact behind an entry of the ledger (points/sql/ledger.sql asks); what is changed later is
-- not part of its text.
CREATE FUNCTION rewards_entry_source(entry points_pointsentry) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    bought rewards_redemption;
    cancelled rewards_redemptioncancel;
    returned jsonb := '[]';
    expected bigint;
BEGIN
    IF entry.kind = 'redeem' THEN
        SELECT * INTO bought FROM rewards_redemption WHERE reference = entry.reference;
        expected := -bought.points;
    ELSE
        SELECT * INTO cancelled FROM rewards_redemptioncancel WHERE reference = entry.reference;
        SELECT * INTO bought FROM rewards_redemption WHERE id = cancelled.redemption_id;
        expected := bought.points;
        returned := jsonb_build_array(
            cancelled.id, cancelled.reason, points_micros(cancelled.cancelled_at),
            points_micros(cancelled.recorded_at), cancelled.by_id);
    END IF;
    IF expected IS DISTINCT FROM entry.available_delta OR NOT EXISTS (
       SELECT FROM members_membership member JOIN members_patient file ON file.id = patient_id
        WHERE member.id = bought.membership_id
          AND coalesce(file.merged_into_id, file.id) = entry.account_id) THEN
        PERFORM points_refuse('points_entry_matches_redemption', '积分与兑换不符');
    END IF;
    RETURN (jsonb_build_array(
        bought.id, bought.membership_id, bought.item_id, bought.quantity, bought.points_each,
        bought.points, bought.scheme_id, to_jsonb(bought.teeth), bought.beneficiary_id,
        bought.proof, bought.card_id, bought.document_shown, bought.expires_on,
        points_micros(bought.redeemed_at), points_micros(bought.recorded_at), bought.by_id
    ) || returned)::text;
END $$;

-- No redemption or cancellation without its entry; looked at when the transaction ends.
CREATE FUNCTION rewards_redemption_posts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM points_pointsentry WHERE reference = NEW.reference) THEN
        PERFORM rewards_refuse('redemption_posts', '兑换没有记入积分流水');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER rewards_redemption_posts
    AFTER INSERT ON rewards_redemption DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION rewards_redemption_posts();
CREATE CONSTRAINT TRIGGER rewards_redemptioncancel_posts
    AFTER INSERT ON rewards_redemptioncancel DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION rewards_redemption_posts();
