-- Who belongs to a household stays on record: a row only gains when and why the person left.
CREATE FUNCTION members_household_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(NEW) END;
    moving text[] := ARRAY['left_at', 'left_reason', 'left_by_id'];
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'members_householdperson'
       AND before ->> 'left_at' IS NULL AND before - moving = after - moving THEN
        RETURN NEW;
    END IF;
    PERFORM members_refuse('household_kept', '家庭的登记不能修改或删除，只能移出');
    RETURN NULL;
END $$;

CREATE TRIGGER members_household_guard BEFORE UPDATE OR DELETE ON members_household
    FOR EACH ROW EXECUTE FUNCTION members_household_guard();
CREATE TRIGGER members_household_no_truncate BEFORE TRUNCATE ON members_household
    FOR EACH STATEMENT EXECUTE FUNCTION members_kept('household_kept', '家庭的登记不能整表清空');
CREATE TRIGGER members_householdperson_guard BEFORE UPDATE OR DELETE ON members_householdperson
    FOR EACH ROW EXECUTE FUNCTION members_household_guard();
CREATE TRIGGER members_householdperson_no_truncate BEFORE TRUNCATE ON members_householdperson
    FOR EACH STATEMENT EXECUTE FUNCTION members_kept('household_kept', '家庭的登记不能整表清空');
