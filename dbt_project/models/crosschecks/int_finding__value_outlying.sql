{#- The numeric facts of streets that can be held against those of others; the seed outlier_fields says which are. -#}
{%- set facts = [
    ('fct_profile', 'profile', 'youth_count', 'youth_count'),
    ('fct_profile', 'profile', 'league_member_count', 'league_member_count'),
    ('fct_profile', 'profile', 'floating_youth_count', 'floating_youth_count'),
    ('fct_profile', 'profile', 'migrant_youth_count', 'migrant_youth_count'),
    ('fct_profile', 'profile', 'youth_reached_count', 'youth_reached_count'),
    ('fct_profile', 'profile', 'floating_youth_reached_count', 'floating_youth_reached_count'),
    ('fct_profile', 'profile', 'floating_member_known_count', 'floating_member_known_count'),
    ('fct_profile', 'profile', 'floating_member_contacted_count', 'floating_member_contacted_count'),
    ('fct_profile', 'profile', 'known_youth_org_count', 'known_youth_org_count'),
    ('fct_profile', 'profile', 'online_group_count', 'online_group_count'),
    ('fct_profile', 'profile', 'approved_post_count', 'approved_post_count'),
    ('fct_profile', 'profile', 'media_account_count', 'media_account_count'),
    ('fct_profile', 'profile', 'media_post_count', 'media_post_count'),
    ('fct_profile', 'profile', 'hub_contact_count', 'hub_contact_count'),
    ('fct_profile', 'profile', 'hub_guidance_count', 'hub_guidance_count'),
    ('fct_profile', 'profile', 'hub_coordination_count', 'hub_coordination_count'),
    ('fct_activity', 'activity', 'unit_count', 'unit_count'),
    ('fct_activity', 'activity', 'youth_org_count', 'youth_org_count'),
    ('fct_activity', 'activity', 'participant_count', 'participant_count'),
    ('fct_activity', 'activity', 'floating_participant_count', 'floating_participant_count'),
    ('fct_training', 'training', 'headcount', 'headcount'),
    ('fct_youth_org', 'youth_org', 'member_count', 'member_count'),
    ('fct_youth_org', 'youth_org', 'service_count', 'service_count'),
    ('fct_venue', 'venue', 'area_m2', 'area_m2'),
    ('fct_venue', 'venue', 'weekly_open_hours', 'weekly_open_hours'),
    ('fct_venue', 'venue', 'visit_count', 'visit_count'),
    ('fct_venue', 'venue', 'government_funds', 'government_funds_cny'),
    ('fct_venue', 'venue', 'social_funds', 'social_funds_cny'),
    ('fct_project', 'project', 'session_count', 'session_count'),
    ('fct_project', 'project', 'participant_count', 'participant_count'),
    ('fct_project', 'project', 'contract_amount', 'contract_amount_cny'),
    ('fct_project', 'project', 'social_funds', 'social_funds_cny'),
    ('fct_funding_received', 'funding', 'amount', 'amount_cny'),
] -%}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

fields as (
    select * from {{ ref('outlier_fields') }}
),

street_classes as (
    select * from {{ ref('fct_street_class') }}
),

field_map as (
    select * from {{ ref('stg_lake__field_map') }}
),

kinds as (
    select * from {{ ref('stg_reference__issue_kind') }}
    where issue_code = 'value_outlying'
),

numbers as (
    {% for fact, entity, field, column in facts -%}
    {{ numeric_rows(fact, entity, field, column) }}
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}
),

periods as (
    select distinct period
    from numbers
),

-- only the committee above a street classes it; its last word by then holds
dated_classes as (
    select
        periods.period,
        street_classes.street_code,
        street_classes.street_class,
        row_number() over (
            partition by periods.period, street_classes.street_code
            order by street_classes.period desc, length(street_classes.unit_code) desc, street_classes.row desc
        ) as recency
    from periods
    inner join street_classes on periods.period >= street_classes.period
    where street_classes.street_code like concat(street_classes.unit_code, '%')
),

scaled as (
    select
        numbers.*,
        fields.threshold,
        fields.least_spread,
        fields.min_peers,
        coalesce(dated_classes.street_class, '') as street_class,
        case when fields.scale = 'log' then ln(1 + numbers.amount) else numbers.amount end as place
    from numbers
    inner join fields
        on
            numbers.entity = fields.entity
            and numbers.field = fields.field
            and numbers.amount >= fields.from_value
    left join dated_classes
        on
            numbers.period = dated_classes.period
            and numbers.unit_code = dated_classes.street_code
            and dated_classes.recency = 1
),

middles as (
    select
        period,
        entity,
        field,
        street_class,
        median(place) as middle,
        median(amount) as middle_amount,
        count(distinct unit_code) as peer_count
    from scaled
    group by period, entity, field, street_class
),

distances as (
    select
        scaled.*,
        middles.middle_amount,
        middles.peer_count,
        abs(scaled.place - middles.middle) as distance
    from scaled
    inner join middles
        on
            scaled.period = middles.period
            and scaled.entity = middles.entity
            and scaled.field = middles.field
            and scaled.street_class = middles.street_class
    where middles.peer_count >= scaled.min_peers
),

-- the median distance times 1.4826 is the standard deviation of a normal distribution
spreads as (
    select
        period,
        entity,
        field,
        street_class,
        1.4826 * median(distance) as spread
    from distances
    group by period, entity, field, street_class
),

outlying as (
    select distances.*
    from distances
    inner join spreads
        on
            distances.period = spreads.period
            and distances.entity = spreads.entity
            and distances.field = spreads.field
            and distances.street_class = spreads.street_class
    where distances.distance > distances.threshold * greatest(spreads.spread, distances.least_spread)
),

told as (
    select
        outlying.*,
        field_map.form,
        field_map.sheet,
        field_map.header,
        coalesce(field_map.cell, concat(field_map.column_letter, cast(outlying.row as string))) as cell,
        {{ number_text('outlying.amount') }} as raw_value,
        concat(
            cast(outlying.peer_count as string),
            '个街道的中位数是 ',
            {{ number_text('outlying.middle_amount') }}
        ) as expected
    from outlying
    left join field_map
        on
            outlying.submission_id = field_map.submission_id
            and outlying.entity = field_map.entity
            and outlying.field = field_map.field
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
        told.raw_value,
        kinds.issue_code,
        kinds.severity,
        {{ filled_text('kinds.message_zh', "coalesce(told.header, '')", 'told.raw_value', 'told.expected') }} as message,
        {{ filled_text('kinds.remedy_zh', "coalesce(told.header, '')", 'told.raw_value', 'told.expected') }} as remedy,
        {{ text_hash(
            "concat(told.unit_code, '|', told.period, '|', kinds.issue_code, '|', told.entity, '|', told.field, '|', told.raw_value)"
        ) }} as finding_key
    from told
    cross join kinds
)

select * from final
