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

conditions as (
    select * from {{ ref('int_street__project_conditions') }}
    where {{ changed_periods_filter('period') }}
),

rows_of_projects as (
    select * from {{ ref('int_project__classified') }}
    where is_running and {{ changed_periods_filter('period') }}
),

-- A project that stands in two rows is one project.
projects as (
    select
        unit_code,
        period,
        project_key,
        max(party_count) as party_count,
        max(session_count) as session_count,
        max(participant_count) as participant_count,
        max(satisfaction_pct) as satisfaction_pct,
        max(contract_amount_cny) as contract_amount_cny,
        max(case when is_regional_brand then 1 else 0 end) as regional_brand_count,
        max(case when is_newcomer_programme then 1 else 0 end) as newcomer_programme_count,
        max(case when is_volunteer_action then 1 else 0 end) as volunteer_action_count,
        max(case when is_government_contract then 1 else 0 end) as government_contract_count
    from rows_of_projects
    group by unit_code, period, project_key
),

counted as (
    select
        unit_code,
        period,
        max(party_count) as project_party_count,
        sum(case when session_count > 0 then participant_count else 0 end) as participant_count,
        sum(session_count) as session_count,
        sum({{ ten_thousandths('satisfaction_pct') }}) as satisfaction_ten_thousandths,
        count(satisfaction_pct) as rated_count,
        sum(regional_brand_count) as regional_brand_count,
        sum(newcomer_programme_count) as newcomer_programme_count,
        sum(volunteer_action_count) as volunteer_action_count,
        sum(government_contract_count) as government_contract_count,
        sum(government_contract_count * contract_amount_cny) as government_contract_cny
    from projects
    group by unit_code, period
),

named as (
    select
        unit_code,
        period,
        count(distinct case when is_landed_brand then national_brand end) as landed_brand_count,
        count(distinct case when is_focus_brand then theme end) as regional_brand_theme_count
    from rows_of_projects
    group by unit_code, period
),

final as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_code as subject_key,
        roster.unit_name as subject_name,
        'measured' as status,
        cast(coalesce(counted.project_party_count, 0) as decimal(18, 4)) as project_party_count,
        case when counted.session_count > 0 then 'measured' else 'not_applicable' end
            as project_session_attendance_count__status,
        case when counted.rated_count > 0 then 'measured' else 'not_applicable' end as project_satisfaction_pct__status,
        cast(coalesce(named.landed_brand_count, 0) as decimal(18, 4)) as landed_brand_count,
        cast(coalesce(counted.regional_brand_count, 0) as decimal(18, 4)) as regional_brand_count,
        cast(coalesce(named.regional_brand_theme_count, 0) as decimal(18, 4)) as regional_brand_theme_count,
        case
            when conditions.has_many_outside_youth is null then 'not_evaluated'
            when conditions.has_many_outside_youth then 'measured'
            else 'not_applicable'
        end as newcomer_programme_count__status,
        case when conditions.has_many_schools_or_volunteers then 'measured' else 'not_applicable' end
            as volunteer_action_count__status,
        cast(coalesce(counted.government_contract_count, 0) as decimal(18, 4)) as government_contract_count,
        cast(coalesce(counted.government_contract_cny, 0) as decimal(18, 4)) as government_contract_cny,
        {{ quotient_of_ten_thousandths('counted.participant_count * 10000', 'counted.session_count') }}
            as project_session_attendance_count,
        {{ quotient_of_ten_thousandths('counted.satisfaction_ten_thousandths', 'counted.rated_count') }}
            as project_satisfaction_pct,
        case
            when conditions.has_many_outside_youth
                then cast(coalesce(counted.newcomer_programme_count, 0) as decimal(18, 4))
        end as newcomer_programme_count,
        case
            when conditions.has_many_schools_or_volunteers
                then cast(coalesce(counted.volunteer_action_count, 0) as decimal(18, 4))
        end as volunteer_action_count
    from roster
    inner join conditions
        on roster.unit_code = conditions.unit_code and roster.period = conditions.period
    left join counted
        on roster.unit_code = counted.unit_code and roster.period = counted.period
    left join named
        on roster.unit_code = named.unit_code and roster.period = named.period
)

select * from final
