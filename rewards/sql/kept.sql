-- What was handed over, used or bought stays on record; a mistake is undone by a counter-entry.

CREATE FUNCTION rewards_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM rewards_refuse(TG_ARGV[0], TG_ARGV[1]);
    RETURN NULL;
END $$;

-- Whether a slip is made out to the person who used a service, by whichever file (C40).
CREATE FUNCTION rewards_settles(slip_id bigint, beneficiary bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM rewards_settlement slip
          JOIN members_patient named ON named.id = slip.beneficiary_id
          JOIN members_patient person ON person.id = beneficiary
         WHERE slip.id = slip_id
           AND coalesce(named.merged_into_id, named.id)
             = coalesce(person.merged_into_id, person.id))
$$;

-- A fact is voided by the trigger of its counter-entry, never by hand; a use also gains its
-- settlement, once, on a slip of its beneficiary; nothing from before the system is settled.
CREATE FUNCTION rewards_fact_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(NEW) END;
BEGIN
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1
       AND before - 'voided' = after - 'voided' AND NOT OLD.voided AND NEW.voided THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND before - 'settlement_id' = after - 'settlement_id'
       AND before ->> 'settlement_id' IS NULL AND after ->> 'settlement_id' IS NOT NULL
       AND after ->> 'imported_in_id' IS NULL AND NOT OLD.voided THEN
        IF NOT rewards_settles((after ->> 'settlement_id')::bigint,
                               (after ->> 'beneficiary_id')::bigint) THEN
            PERFORM rewards_refuse('use_on_slip_of_beneficiary',
                                   '结算单是另一个人的，请按使用服务的人分别结算');
        END IF;
        RETURN NEW;
    END IF;
    PERFORM rewards_refuse('reward_kept', '发放、领取、使用和兑换的记录不能修改或删除，有误请撤销');
    RETURN NULL;
END $$;

CREATE FUNCTION rewards_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM rewards_refuse('reward_kept', '发放、领取、使用和兑换的记录不能整表清空');
    RETURN NULL;
END $$;

CREATE TRIGGER rewards_issue_guard BEFORE UPDATE OR DELETE ON rewards_issue
    FOR EACH ROW EXECUTE FUNCTION rewards_fact_guard();
CREATE TRIGGER rewards_issue_no_truncate BEFORE TRUNCATE ON rewards_issue
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_no_truncate();
CREATE TRIGGER rewards_claim_guard BEFORE UPDATE OR DELETE ON rewards_claim
    FOR EACH ROW EXECUTE FUNCTION rewards_fact_guard();
CREATE TRIGGER rewards_claim_no_truncate BEFORE TRUNCATE ON rewards_claim
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_no_truncate();
CREATE TRIGGER rewards_use_guard BEFORE UPDATE OR DELETE ON rewards_use
    FOR EACH ROW EXECUTE FUNCTION rewards_fact_guard();
CREATE TRIGGER rewards_use_no_truncate BEFORE TRUNCATE ON rewards_use
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_no_truncate();
CREATE TRIGGER rewards_redemption_guard BEFORE UPDATE OR DELETE ON rewards_redemption
    FOR EACH ROW EXECUTE FUNCTION rewards_fact_guard();
CREATE TRIGGER rewards_redemption_no_truncate BEFORE TRUNCATE ON rewards_redemption
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_no_truncate();

CREATE TRIGGER rewards_redemptioncancel_kept
    BEFORE UPDATE OR DELETE ON rewards_redemptioncancel FOR EACH ROW
    EXECUTE FUNCTION rewards_kept('redemption_cancel_kept', '取消兑换的记录不能修改或删除');
CREATE TRIGGER rewards_redemptioncancel_no_truncate
    BEFORE TRUNCATE ON rewards_redemptioncancel FOR EACH STATEMENT
    EXECUTE FUNCTION rewards_kept('redemption_cancel_kept', '取消兑换的记录不能修改或删除');
CREATE TRIGGER rewards_undoing_kept
    BEFORE UPDATE OR DELETE ON rewards_undoing FOR EACH ROW
    EXECUTE FUNCTION rewards_kept('undoing_kept', '撤销的记录不能修改或删除');
CREATE TRIGGER rewards_undoing_no_truncate
    BEFORE TRUNCATE ON rewards_undoing FOR EACH STATEMENT
    EXECUTE FUNCTION rewards_kept('undoing_kept', '撤销的记录不能修改或删除');
CREATE TRIGGER rewards_deferral_kept
    BEFORE UPDATE OR DELETE ON rewards_deferral FOR EACH ROW
    EXECUTE FUNCTION rewards_kept('deferral_kept', '推迟领取的记录不能修改或删除');
CREATE TRIGGER rewards_deferral_no_truncate
    BEFORE TRUNCATE ON rewards_deferral FOR EACH STATEMENT
    EXECUTE FUNCTION rewards_kept('deferral_kept', '推迟领取的记录不能修改或删除');
CREATE TRIGGER rewards_settlement_kept
    BEFORE UPDATE OR DELETE ON rewards_settlement FOR EACH ROW
    EXECUTE FUNCTION rewards_kept('settlement_kept', '结算单不能修改或删除');
CREATE TRIGGER rewards_settlement_no_truncate
    BEFORE TRUNCATE ON rewards_settlement FOR EACH STATEMENT
    EXECUTE FUNCTION rewards_kept('settlement_kept', '结算单不能修改或删除');
CREATE TRIGGER rewards_simulatedmove_kept
    BEFORE UPDATE OR DELETE ON rewards_simulatedmove FOR EACH ROW
    EXECUTE FUNCTION rewards_kept('simulation_kept', '模拟报告不能修改或删除');
CREATE TRIGGER rewards_simulatedmove_no_truncate
    BEFORE TRUNCATE ON rewards_simulatedmove FOR EACH STATEMENT
    EXECUTE FUNCTION rewards_kept('simulation_kept', '模拟报告不能修改或删除');

-- A finished report says what it said; a manager's word on another gift is final.
CREATE FUNCTION rewards_only_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(NEW) END;
    moving text[] := string_to_array(TG_ARGV[0], ' ');
BEGIN
    IF TG_OP = 'UPDATE' AND coalesce(before ->> TG_ARGV[1], '') = ''
       AND before - moving = after - moving THEN
        RETURN NEW;
    END IF;
    PERFORM rewards_refuse(TG_ARGV[2], TG_ARGV[3]);
    RETURN NULL;
END $$;

CREATE TRIGGER rewards_simulation_guard BEFORE UPDATE OR DELETE ON rewards_simulation
    FOR EACH ROW EXECUTE FUNCTION rewards_only_once(
        'total done last_file counts result finished_at', 'finished_at',
        'simulation_kept', '模拟报告不能修改或删除');
CREATE TRIGGER rewards_simulation_no_truncate
    BEFORE TRUNCATE ON rewards_simulation FOR EACH STATEMENT
    EXECUTE FUNCTION rewards_kept('simulation_kept', '模拟报告不能修改或删除');
CREATE TRIGGER rewards_giftchange_guard BEFORE UPDATE OR DELETE ON rewards_giftchange
    FOR EACH ROW EXECUTE FUNCTION rewards_only_once(
        'decision', 'decision', 'gift_change_final', '换发礼品的决定不能修改或删除');
CREATE TRIGGER rewards_giftchange_no_truncate
    BEFORE TRUNCATE ON rewards_giftchange FOR EACH STATEMENT
    EXECUTE FUNCTION rewards_kept('gift_change_final', '换发礼品的决定不能修改或删除');
