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

-- The fact behind an entry of the ledger, as text; what is changed later is not part of it.
CREATE FUNCTION rewards_entry_text(entry points_pointsentry) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT (jsonb_build_array(
        bought.id, bought.membership_id, bought.item_id, bought.quantity, bought.points_each,
        bought.points, bought.scheme_id, to_jsonb(bought.teeth), bought.beneficiary_id,
        bought.proof, bought.card_id, bought.document_shown, bought.expires_on,
        points_micros(bought.redeemed_at), points_micros(bought.recorded_at), bought.by_id
    ) || CASE WHEN entry.kind = 'redeem' THEN '[]' ELSE jsonb_build_array(
        cancelled.id, cancelled.reason, points_micros(cancelled.cancelled_at),
        points_micros(cancelled.recorded_at), cancelled.by_id) END)::text
      FROM rewards_redemption bought
      LEFT JOIN rewards_redemptioncancel cancelled ON cancelled.redemption_id = bought.id
     WHERE bought.id = substring(entry.reference FROM ':(\d{1,18})$')::bigint
       AND entry.reference = CASE entry.kind WHEN 'redeem' THEN bought.reference
                                             WHEN 'redeem_cancel' THEN cancelled.reference END
$$;

-- The same for an entry that is being posted (points/sql/ledger.sql asks): it moves exactly the
-- points of its redemption, on the account that holds the member's points.
CREATE FUNCTION rewards_entry_source(entry points_pointsentry) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    source text := rewards_entry_text(entry);
BEGIN
    IF source IS NULL OR NOT EXISTS (
       SELECT FROM rewards_redemption bought
         JOIN members_membership member ON member.id = bought.membership_id
         JOIN members_patient file ON file.id = member.patient_id
        WHERE bought.id = substring(entry.reference FROM ':(\d{1,18})$')::bigint
          AND coalesce(file.merged_into_id, file.id) = entry.account_id
          AND entry.available_delta
            = CASE entry.kind WHEN 'redeem' THEN -bought.points ELSE bought.points END) THEN
        PERFORM points_refuse('points_entry_matches_redemption', '积分与兑换不符');
    END IF;
    RETURN source;
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
