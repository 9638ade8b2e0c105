-- Issues, claims and uses: nothing is due twice, whatever inserts the row (design section 5).

CREATE FUNCTION rewards_refuse(name text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = name, MESSAGE = sentence;
END $$;

-- The hospital's day on which something was taken.
CREATE FUNCTION rewards_day_taken(taken jsonb) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (coalesce(taken ->> 'issued_at', taken ->> 'claimed_at',
                     taken ->> 'used_at')::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
$$;

-- All memberships of one person, whose files are one file now (C40).
CREATE FUNCTION rewards_family(member bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(other.id ORDER BY other.id)
      FROM members_membership own
      JOIN members_patient file ON file.id = own.patient_id
      JOIN members_patient same ON same.id = coalesce(file.merged_into_id, file.id)
                                OR same.merged_into_id = coalesce(file.merged_into_id, file.id)
      JOIN members_membership other ON other.patient_id = same.id
     WHERE own.id = member
$$;

-- A live row of `fact` about the same thing: a child's is the child's, whoever took it, anything
-- else the person's, by whichever file. A row of the same membership is kept out by its index.
CREATE FUNCTION rewards_taken_already(fact text, taken jsonb, others_only boolean) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    found bigint;
BEGIN
    EXECUTE format(
        'SELECT earlier.id FROM %I earlier
          WHERE NOT earlier.voided
            AND (earlier.item_id, earlier.period, earlier.ordinal) = ($2, $3, $4)
            AND CASE WHEN $5 IS NULL
                     THEN earlier.child_id IS NULL AND earlier.membership_id = ANY($1)
                     ELSE earlier.child_id = $5 END
            AND NOT ($6 AND earlier.membership_id = $7) LIMIT 1', fact)
      INTO found
     USING rewards_family((taken ->> 'membership_id')::bigint), (taken ->> 'item_id')::bigint,
           taken ->> 'period', (taken ->> 'ordinal')::int, (taken ->> 'child_id')::bigint,
           others_only, (taken ->> 'membership_id')::bigint;
    RETURN found;
END $$;

-- What points bought is taken once per piece, and not after it was cancelled or its last day. The
-- redemption is locked, so that a cancellation at the same moment waits.
CREATE FUNCTION rewards_check_bought(taken jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    bought rewards_redemption;
BEGIN
    IF taken ->> 'period' NOT LIKE 'redemption:%' THEN
        RETURN;
    END IF;
    SELECT * INTO bought FROM rewards_redemption
     WHERE id = substr(taken ->> 'period', 12)::bigint FOR UPDATE;
    IF bought.id IS NULL OR bought.voided OR bought.item_id <> (taken ->> 'item_id')::bigint
       OR (taken ->> 'ordinal')::int > bought.quantity
       OR rewards_day_taken(taken) > bought.expires_on
       OR bought.membership_id <> ALL (rewards_family((taken ->> 'membership_id')::bigint)) THEN
        PERFORM rewards_refuse('taken_was_bought', '没有这项有效的兑换，可能已经取消或到期');
    END IF;
END $$;

CREATE FUNCTION rewards_taken() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taken jsonb := to_jsonb(NEW);
    kind text := (SELECT item.kind FROM scheme_item item WHERE item.id = NEW.item_id);
    is_gift boolean := TG_TABLE_NAME = 'rewards_issue';
BEGIN
    NEW.voided := false;
    IF kind <> (CASE WHEN is_gift THEN 'gift' ELSE 'service' END) THEN
        PERFORM rewards_refuse('taken_of_its_kind', '礼品登记发放，院内服务登记领取和使用');
    END IF;
    -- Two desks that take the same thing for two files of one person, or for one child, wait for
    -- each other.
    PERFORM FROM members_membership WHERE id = ANY (rewards_family(NEW.membership_id))
      ORDER BY id FOR NO KEY UPDATE;
    IF NEW.child_id IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('rewards_child'), hashint8(NEW.child_id));
    END IF;
    PERFORM rewards_check_bought(taken);
    IF taken ->> 'settlement_id' IS NOT NULL THEN
        PERFORM rewards_refuse('use_before_settlement', '服务先登记使用，再结算');
    END IF;
    IF NEW.child_id IS NULL AND rewards_taken_already(TG_TABLE_NAME, taken, true) IS NOT NULL THEN
        PERFORM rewards_refuse('taken_by_merged_file',
                               '这一项已由此人的另一份档案领取或使用，不能重复登记');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER rewards_issue_taken BEFORE INSERT ON rewards_issue
    FOR EACH ROW EXECUTE FUNCTION rewards_taken();
CREATE TRIGGER rewards_claim_taken BEFORE INSERT ON rewards_claim
    FOR EACH ROW EXECUTE FUNCTION rewards_taken();
CREATE TRIGGER rewards_use_taken BEFORE INSERT ON rewards_use
    FOR EACH ROW EXECUTE FUNCTION rewards_taken();

-- What comes anew each year is taken in its year. Looked at last, when the row is whole.
CREATE FUNCTION rewards_in_its_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.period ~ '^[0-9]'
       AND NEW.period <> to_char(rewards_day_taken(to_jsonb(NEW)), 'YYYY') THEN
        PERFORM rewards_refuse('taken_in_its_year', '每年的礼遇只能在当年领取和使用');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rewards_issue_year AFTER INSERT ON rewards_issue
    FOR EACH ROW EXECUTE FUNCTION rewards_in_its_year();
CREATE TRIGGER rewards_claim_year AFTER INSERT ON rewards_claim
    FOR EACH ROW EXECUTE FUNCTION rewards_in_its_year();
CREATE TRIGGER rewards_use_year AFTER INSERT ON rewards_use
    FOR EACH ROW EXECUTE FUNCTION rewards_in_its_year();

-- Another gift than the one that is due needs a manager's word on exactly this exchange (R66).
CREATE FUNCTION rewards_issue_as_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.change_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM rewards_giftchange agreed
        WHERE agreed.id = NEW.change_id AND agreed.decision = 'approve'
          AND (agreed.membership_id, agreed.item_id, agreed.period, agreed.ordinal,
               agreed.other_item_id)
            = (NEW.membership_id, NEW.item_id, NEW.period, NEW.ordinal, NEW.given_item_id)) THEN
        PERFORM rewards_refuse('issue_as_agreed', '换发其他礼品须经负责人同意，并与批准的一致');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rewards_issue_z_agreed BEFORE INSERT ON rewards_issue
    FOR EACH ROW EXECUTE FUNCTION rewards_issue_as_agreed();

-- A service is claimed before it is used; what is on a card is used with that card, until its
-- last day.
CREATE FUNCTION rewards_claim_fits_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'rewards_claim' THEN
        IF rewards_taken_already('rewards_use', to_jsonb(NEW), false) IS NOT NULL THEN
            PERFORM rewards_refuse('claim_before_use', '这一项已经使用，不能再领取');
        END IF;
        IF NEW.expires_on < rewards_day_taken(to_jsonb(NEW)) THEN
            PERFORM rewards_refuse('claim_before_its_end', '这一项已经到期，不能再领取');
        END IF;
        RETURN NEW;
    END IF;
    -- A card that a colleague stops at this moment is waited for.
    PERFORM FROM rewards_claim WHERE id = NEW.claim_id FOR UPDATE;
    IF NEW.claim_id IS NULL
       AND rewards_taken_already('rewards_claim', to_jsonb(NEW), false) IS NOT NULL
       OR NEW.claim_id IS NOT NULL AND NOT EXISTS (
          SELECT FROM rewards_claim WHERE id = NEW.claim_id AND NOT voided
             AND (membership_id, item_id, period, ordinal)
                 = (NEW.membership_id, NEW.item_id, NEW.period, NEW.ordinal)
             AND child_id IS NOT DISTINCT FROM NEW.child_id) THEN
        PERFORM rewards_refuse('use_with_its_claim',
                               '这一项已经领取，请凭领取的服务卡或登记使用；卡遗失请先挂失');
    END IF;
    IF EXISTS (SELECT FROM rewards_claim
                WHERE id = NEW.claim_id AND expires_on < rewards_day_taken(to_jsonb(NEW))) THEN
        PERFORM rewards_refuse('use_before_its_end', '领取的服务已经到期，不能再使用');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rewards_claim_z_fits BEFORE INSERT ON rewards_claim
    FOR EACH ROW EXECUTE FUNCTION rewards_claim_fits_use();
CREATE TRIGGER rewards_use_z_fits BEFORE INSERT ON rewards_use
    FOR EACH ROW EXECUTE FUNCTION rewards_claim_fits_use();

-- The counter-entry voids what it names; a claim that was used is not undone before its use.
CREATE FUNCTION rewards_undo() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    done int := 0;
BEGIN
    UPDATE rewards_issue SET voided = true WHERE id = NEW.issue_id AND NOT voided;
    IF FOUND THEN done := done + 1; END IF;
    UPDATE rewards_claim SET voided = true WHERE id = NEW.claim_id AND NOT voided;
    IF FOUND THEN done := done + 1; END IF;
    UPDATE rewards_use SET voided = true WHERE id = NEW.use_id AND NOT voided;
    IF FOUND THEN done := done + 1; END IF;
    IF done <> 1 THEN
        PERFORM rewards_refuse('undoing_of_live_fact', '这一项已经撤销');
    END IF;
    -- Only now: a use of the claim at the same moment was waited for.
    IF NEW.claim_id IS NOT NULL AND EXISTS (
       SELECT FROM rewards_use WHERE claim_id = NEW.claim_id AND NOT voided) THEN
        PERFORM rewards_refuse('undoing_before_use', '已经使用的服务，须先撤销使用');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rewards_undoing_post BEFORE INSERT ON rewards_undoing
    FOR EACH ROW EXECUTE FUNCTION rewards_undo();
