-- A published version of the rules never changes, nor do its rows: receipts, levels and
-- redemptions point at the version that decided them. Nor does a draft while it waits for its
-- second person, who decides on what was asked. One function guards all its tables.
CREATE FUNCTION scheme_frozen() RETURNS trigger LANGUAGE plpgsql
    -- Otherwise a temporary table called scheme_scheme would be asked instead.
    SET search_path = public, pg_temp
AS $$
DECLARE
    before jsonb;
    after jsonb;
    parent bigint;
    published timestamptz;
    asked bigint;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION '会员规则不能整表清空'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scheme_published_is_frozen';
    END IF;
    IF TG_TABLE_NAME = 'scheme_pricechange' THEN
        RAISE EXCEPTION '价格改动记录只能新增，不能修改或删除'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scheme_price_change_kept';
    END IF;
    IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW); END IF;

    -- An item stands for all versions: its words are fixed, its prices are not.
    IF TG_TABLE_NAME = 'scheme_item' THEN
        IF before - '{list_price,cost_price}'::text[]
           IS DISTINCT FROM after - '{list_price,cost_price}'::text[] THEN
            RAISE EXCEPTION '项目的代码、名称、种类、单位和专科不能修改，请另建一个项目'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'scheme_item_is_fixed';
        END IF;
        RETURN NEW;
    END IF;

    -- A row stays with its parent, or it could be moved into a published version.
    IF TG_OP = 'UPDATE' AND (before -> 'scheme_id', before -> 'tier_id', before -> 'id')
        IS DISTINCT FROM (after -> 'scheme_id', after -> 'tier_id', after -> 'id') THEN
        RAISE EXCEPTION '规则的明细不能移到另一个版本或级别'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scheme_row_stays';
    END IF;

    IF TG_TABLE_NAME = 'scheme_scheme' THEN
        -- PostgreSQL has locked this row before it calls us, and OLD is its latest version.
        -- A version is first stored as a draft, so that its rows can be.
        published := COALESCE(before, after) ->> 'published_at';
        asked := before ->> 'approval_id';
    ELSE
        parent := COALESCE(after, before) ->> 'scheme_id';
        IF TG_TABLE_NAME = 'scheme_tierbenefit' THEN
            SELECT scheme_id INTO parent FROM scheme_tierrule
                WHERE id = (COALESCE(after, before) ->> 'tier_id')::bigint;
        END IF;
        -- The lock waits for a publication that is under way and holds up one that is to come.
        SELECT published_at, approval_id INTO published, asked
          FROM scheme_scheme WHERE id = parent FOR SHARE;
    END IF;
    IF published IS NOT NULL THEN
        RAISE EXCEPTION '规则版本已发布，不能再修改或删除；请另建一个版本'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scheme_published_is_frozen';
    END IF;
    IF EXISTS (SELECT FROM staff_approval
                WHERE id = asked AND decided_at IS NULL AND withdrawn_at IS NULL) THEN
        RAISE EXCEPTION '草稿正在等待审批，不能修改或删除；请先撤回申请'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scheme_waiting_is_held';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER scheme_scheme_frozen BEFORE INSERT OR UPDATE OR DELETE ON scheme_scheme
    FOR EACH ROW EXECUTE FUNCTION scheme_frozen();
CREATE TRIGGER scheme_tierrule_frozen BEFORE INSERT OR UPDATE OR DELETE ON scheme_tierrule
    FOR EACH ROW EXECUTE FUNCTION scheme_frozen();
CREATE TRIGGER scheme_tierbenefit_frozen BEFORE INSERT OR UPDATE OR DELETE ON scheme_tierbenefit
    FOR EACH ROW EXECUTE FUNCTION scheme_frozen();
CREATE TRIGGER scheme_catalogueitem_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON scheme_catalogueitem
    FOR EACH ROW EXECUTE FUNCTION scheme_frozen();
CREATE TRIGGER scheme_giftband_frozen BEFORE INSERT OR UPDATE OR DELETE ON scheme_giftband
    FOR EACH ROW EXECUTE FUNCTION scheme_frozen();
CREATE TRIGGER scheme_item_frozen BEFORE UPDATE ON scheme_item
    FOR EACH ROW EXECUTE FUNCTION scheme_frozen();
CREATE TRIGGER scheme_pricechange_kept BEFORE UPDATE OR DELETE ON scheme_pricechange
    FOR EACH ROW EXECUTE FUNCTION scheme_frozen();

CREATE TRIGGER scheme_scheme_no_truncate BEFORE TRUNCATE ON scheme_scheme
    FOR EACH STATEMENT EXECUTE FUNCTION scheme_frozen();
CREATE TRIGGER scheme_tierrule_no_truncate BEFORE TRUNCATE ON scheme_tierrule
    FOR EACH STATEMENT EXECUTE FUNCTION scheme_frozen();
CREATE TRIGGER scheme_tierbenefit_no_truncate BEFORE TRUNCATE ON scheme_tierbenefit
    FOR EACH STATEMENT EXECUTE FUNCTION scheme_frozen();
CREATE TRIGGER scheme_catalogueitem_no_truncate BEFORE TRUNCATE ON scheme_catalogueitem
    FOR EACH STATEMENT EXECUTE FUNCTION scheme_frozen();
CREATE TRIGGER scheme_giftband_no_truncate BEFORE TRUNCATE ON scheme_giftband
    FOR EACH STATEMENT EXECUTE FUNCTION scheme_frozen();
CREATE TRIGGER scheme_item_no_truncate BEFORE TRUNCATE ON scheme_item
    FOR EACH STATEMENT EXECUTE FUNCTION scheme_frozen();
CREATE TRIGGER scheme_pricechange_no_truncate BEFORE TRUNCATE ON scheme_pricechange
    FOR EACH STATEMENT EXECUTE FUNCTION scheme_frozen();
