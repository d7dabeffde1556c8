{#- The text of a finding with its blanks filled in, as ingest fills them; `finding` has sheet, header, raw_value, expected, other_count. -#}
{% macro filled_text(text, finding) -%}
    {%- set filled = {
        'kind': 'cast(' ~ finding ~ '.other_count as string)', 'expected': finding ~ '.expected', 'sheet': finding ~ '.sheet',
        'header': finding ~ '.header', 'raw': finding ~ '.raw_value',
    } -%}
    {%- set whole = namespace(text=text) -%}
    {%- for blank, value in filled.items() -%}
        {%- set whole.text = "replace(" ~ whole.text ~ ", '{" ~ blank ~ "}', coalesce(" ~ value ~ ", ''))" -%}
    {%- endfor -%}
    {{ whole.text }}
{%- endmacro %}

{#- The facts whose figures may be held against those of other streets. -#}
{% macro compared_facts() %}
    {% do return([
        'fct_activity',
        'fct_committee',
        'fct_funding_received',
        'fct_meeting',
        'fct_pairing',
        'fct_profile',
        'fct_project',
        'fct_training',
        'fct_venue',
        'fct_youth_org',
    ]) %}
{% endmacro %}

{#-
  The figures that the seed compared_figures names, one row each. The seed is asked while the model runs, as for the score
  items; all facts are named whatever is asked. What is not above zero has no logarithm and is nobody's peer.
-#}
{% macro compared_numbers() -%}
    {%- set relations = {} -%}
    {%- for fact in compared_facts() -%}
        {%- do relations.update({fact: ref(fact)}) -%}
    {%- endfor -%}
    {%- set figures = ref('compared_figures') -%}
    {%- if execute -%}
    {%- set query -%}
        select entity, field, fact, column_name, coalesce(line_column, '') as line_column from {{ figures }} order by entity, field
    {%- endset -%}
    {%- for figure in run_query(query).rows %}
    {%- if figure[2] not in relations -%}
        {%- do exceptions.raise_compiler_error('compared_figures.csv: no fact ' ~ figure[2] ~ ' is compared; there are: ' ~ compared_facts() | join(', ')) -%}
    {%- endif %}
    select
        submission_id,
        unit_code,
        period,
        '{{ figure[0] }}' as entity,
        '{{ figure[1] }}' as field,
        row,
        {{ figure[4] or 'cast(null as string)' }} as line_name,
        cast({{ figure[3] }} as double) as amount
    from {{ relations[figure[2]] }}
    where {{ figure[3] }} > 0 and {{ changed_periods_filter('period') }}
    union all
    {%- endfor -%}
    {%- endif %}
    select
        cast(null as string) as submission_id,
        cast(null as string) as unit_code,
        cast(null as string) as period,
        cast(null as string) as entity,
        cast(null as string) as field,
        cast(null as integer) as row,
        cast(null as string) as line_name,
        cast(null as double) as amount
    where 1 = 0
{%- endmacro %}
