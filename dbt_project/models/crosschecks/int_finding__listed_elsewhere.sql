{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

listed as (
    select * from {{ ref('int_claim__listed') }}
    where {{ changed_periods_filter('period') }}
),

claims as (
    select * from {{ ref('int_claim__claimed') }}
    where state = 'open'
),

units as (
    select * from {{ ref('dim_unit_current') }}
),

field_map as (
    select * from {{ ref('stg_lake__field_map') }}
),

kinds as (
    select * from {{ ref('stg_reference__issue_kind') }}
    where issue_code = 'listed_elsewhere'
),

things as (
    select
        submission_id,
        unit_code,
        period,
        row,
        'member_unit' as thing_kind,
        'unit' as entity,
        'unit_name' as field,
        unit_name as thing_name,
        uscc,
        cast(null as string) as person_key
    from {{ ref('fct_member_unit') }}
    where is_member and {{ changed_periods_filter('period') }}
    union all
    select
        submission_id,
        unit_code,
        period,
        row,
        'youth_org' as thing_kind,
        'youth_org' as entity,
        'org_name' as field,
        org_name as thing_name,
        uscc,
        cast(null as string) as person_key
    from {{ ref('fct_youth_org') }}
    where {{ changed_periods_filter('period') }}
    union all
    select
        submission_id,
        unit_code,
        period,
        row,
        'person' as thing_kind,
        'person' as entity,
        'person_name' as field,
        '{{ var("hidden_value") }}' as thing_name,
        cast(null as string) as uscc,
        person_key
    from {{ ref('fct_staff_post') }}
    where is_in_post and person_key is not null and {{ changed_periods_filter('period') }}
),

-- the same thing listed by another street in the same period, while nobody has decided
contested as (
    select
        mine.period,
        mine.unit_code,
        mine.thing_kind,
        mine.thing_key,
        mine.thing_name,
        mine.uscc,
        min(units.unit_name) as other_name,
        count(*) as other_count
    from listed as mine
    inner join claims
        on
            mine.thing_kind = claims.thing_kind
            and mine.thing_key = claims.thing_key
    inner join listed as elsewhere
        on
            mine.period = elsewhere.period
            and mine.thing_kind = elsewhere.thing_kind
            and mine.thing_key = elsewhere.thing_key
            and mine.unit_code <> elsewhere.unit_code
    left join units on elsewhere.unit_code = units.unit_code
    group by mine.period, mine.unit_code, mine.thing_kind, mine.thing_key, mine.thing_name, mine.uscc
),

placed as (
    select
        contested.period,
        contested.unit_code,
        contested.thing_key,
        contested.other_name,
        contested.other_count,
        things.submission_id,
        things.entity,
        things.field,
        things.thing_name,
        things.row,
        row_number() over (
            partition by contested.period, contested.unit_code, contested.thing_kind, contested.thing_key
            order by things.row
        ) as rank_number
    from contested
    inner join things
        on
            contested.period = things.period
            and contested.unit_code = things.unit_code
            and contested.thing_kind = things.thing_kind
            and (
                contested.thing_key = things.person_key
                or contested.uscc = things.uscc
                or (things.person_key is null and contested.thing_name = things.thing_name)
            )
),

told as (
    select
        placed.*,
        field_map.form,
        field_map.sheet,
        field_map.header,
        concat(field_map.column_letter, cast(placed.row as string)) as cell,
        concat(
            coalesce(placed.other_name, '另一街道'),
            case when placed.other_count > 1 then concat('等', cast(placed.other_count as string), '个街道') else '' end
        ) as expected
    from placed
    left join field_map
        on
            placed.submission_id = field_map.submission_id
            and placed.entity = field_map.entity
            and placed.field = field_map.field
    where placed.rank_number = 1
),

final as (
    select
        told.submission_id,
        told.unit_code,
        told.period,
        told.form,
        told.sheet,
        told.cell,
        told.header,
        told.thing_name as raw_value,
        kinds.issue_code,
        kinds.severity,
        {{ filled_text('kinds.message_zh', "coalesce(told.header, '')", 'told.thing_name', 'told.expected') }} as message,
        {{ filled_text('kinds.remedy_zh', "coalesce(told.header, '')", 'told.thing_name', 'told.expected') }} as remedy,
        {{ text_hash("concat(told.unit_code, '|', told.period, '|', kinds.issue_code, '|', told.entity, '|', told.thing_key)") }}
            as finding_key
    from told
    cross join kinds
)

select * from final
