{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level = 'street'
        and is_reported
        and {{ changed_periods_filter('period') }}
),

profiles as (
    select
        unit_code,
        period,
        max(approved_post_count) as approved_count,
        min(case when is_pay_settled then 1 when not is_pay_settled then 0 end) as settled_pay_count
    from {{ ref('int_profile__full_time_posts') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

staff as (
    select
        unit_code,
        period,
        count(distinct case when is_serving_full_time_cadre then person_key end) as full_time_count,
        count(distinct case when is_serving_fixed_volunteer then person_key end) as volunteer_count,
        count(distinct case when is_serving_community_volunteer then community_code end) as served_community_count,
        count(distinct case when is_core_of_period then person_key end) as core_count,
        count(distinct case when is_core_who_left then person_key end) as left_count
    from {{ ref('int_staff__roles') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

documents as (
    select
        unit_code,
        period,
        count(distinct case when is_mechanism then document_kind end) as mechanism_count,
        sum(case when is_incentive_measure then 1 else 0 end) as incentive_count
    from {{ ref('int_document__mechanisms') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

communities as (
    select
        unit_code,
        count(*) as community_count
    from {{ ref('dim_community') }}
    group by unit_code
),

counted as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_name,
        profiles.approved_count,
        profiles.settled_pay_count,
        coalesce(staff.full_time_count, 0) as full_time_count,
        coalesce(staff.volunteer_count, 0) as volunteer_count,
        coalesce(staff.served_community_count, 0) as served_community_count,
        coalesce(staff.core_count, 0) as core_count,
        coalesce(staff.left_count, 0) as left_count,
        coalesce(documents.mechanism_count, 0) as mechanism_count,
        coalesce(documents.incentive_count, 0) as incentive_count,
        coalesce(communities.community_count, 0) as community_count
    from roster
    left join profiles
        on roster.unit_code = profiles.unit_code and roster.period = profiles.period
    left join staff
        on roster.unit_code = staff.unit_code and roster.period = staff.period
    left join documents
        on roster.unit_code = documents.unit_code and roster.period = documents.period
    left join communities on roster.unit_code = communities.unit_code
),

final as (
    select
        unit_code,
        unit_level,
        period,
        unit_code as subject_key,
        unit_name as subject_name,
        'measured' as status,
        {{ percentage('full_time_count', 'approved_count') }} as filled_post_pct,
        -- A street without an approved post has nothing to hold the filled ones against, and should have some.
        case when approved_count > 0 then 'measured' else 'not_evaluated' end as filled_post_pct__status,
        cast(settled_pay_count as decimal(18, 4)) as settled_pay_count,
        case when settled_pay_count is null then 'not_evaluated' else 'measured' end as settled_pay_count__status,
        {{ percentage('left_count', 'core_count') }} as core_turnover_pct,
        -- A street must have cadres (clause 3d): without one on the list nothing is known of the team.
        case when core_count > 0 then 'measured' else 'not_evaluated' end as core_turnover_pct__status,
        cast(mechanism_count as decimal(18, 4)) as staffing_mechanism_count,
        cast(volunteer_count as decimal(18, 4)) as fixed_volunteer_count,
        {{ percentage('served_community_count', 'community_count') }} as volunteer_community_pct,
        case when community_count > 0 then 'measured' else 'not_evaluated' end as volunteer_community_pct__status,
        cast(incentive_count as decimal(18, 4)) as incentive_measure_count
    from counted
)

select * from final
